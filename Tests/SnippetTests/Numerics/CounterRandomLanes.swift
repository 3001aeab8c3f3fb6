// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics

private func counterRandomLanesExample(random: CounterRandom) {
    let draws = random.eightWords(firstItem: 80, draw: 0)
    // (draws.first[3], draws.second[3], ...) == random.words(item: 83, draw: 0)
}
