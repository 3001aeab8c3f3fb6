/// A number as file names and messages show it, a whole one without a fraction: 64, 0.5.
///
///     let file = "models/nvtc-\(compact(64.0)).safetensors"   // models/nvtc-64.safetensors
public func compact(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
}
