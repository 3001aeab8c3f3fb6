import Foundation
import Neural
import Numerics
import TestSupport
import Testing

@Suite struct GradientTests {
    /// Along a random direction in each parameter, the objective's slope is what the gradient says.
    @Test(arguments: [NoiseQuantization.Mode.noise]) func gradientsAreFiniteDifferences(mode: NoiseQuantization.Mode) {
        let model = SmallModel()
        model.noise.mode = mode
        let gradient = model.gradient()
        for parameter in model.parameters.parameters {
            var direction = [Float](repeating: 0, count: parameter.count)
            direction.withUnsafeMutableBufferPointer {
                CounterRandom(seed: 9, purpose: .test, step: parameter.index).normals(item: 2, into: $0)
            }
            let slope = direction.indices.reduce(0.0) { sum, index in
                sum + Double(direction[index]) * Double(gradient[parameter.offset + index])
            }
            let before = Array(UnsafeBufferPointer(start: parameter.values, count: parameter.count))
            let width = 4e-3 / Double(parameter.count).squareRoot()
            func objective(_ factor: Double) -> Double {
                for index in before.indices {
                    parameter.values[index] = before[index] + Float(factor) * direction[index]
                }
                return model.objective()
            }
            // Richardson's extrapolation of central differences.
            let (near, far) = (objective(width) - objective(-width), objective(2 * width) - objective(-2 * width))
            let measured = (8 * near - far) / (12 * width)
            _ = objective(0)
            let size = direction.indices.reduce(0.0) {
                max($0, abs(Double(gradient[parameter.offset + $1])))
            }
            #expect(
                abs(measured - slope) < 0.02 * max(abs(slope), size), "\(parameter.name): \(measured) against \(slope)")
        }
    }

    @Test func whatWasStoppedHasNoGradient() {
        let model = SmallModel(frozenStart: true)
        let gradient = model.gradient()
        for parameter in model.parameters.parameters {
            let part = gradient[parameter.offset..<parameter.offset + parameter.extent]
            #expect(part.allSatisfy { $0 == 0 } == parameter.name.hasPrefix("entry."), "\(parameter.name)")
        }
    }

    @Test func backwardSaysWhatIsFinalFromTheEndToTheStart() {
        let model = SmallModel()
        model.tape.forward()
        let whole = model.gradient()
        let memory = AlignedBuffer<Float>(count: model.parameters.count)
        var offsets: [Int] = []
        model.tape.backward(into: memory.pointer) { offset in
            offsets.append(offset)
            // What is said to be final is final.
            for index in offset..<model.parameters.count { #expect(memory[index] == whole[index]) }
        }
        #expect(offsets.last == 0)
        #expect(offsets.count > 3 && zip(offsets, offsets.dropFirst()).allSatisfy { $0 > $1 })
    }

    @Test func roundingPassesTheGradientStraightThrough() {
        let parameters = ParameterSet()
        let layer = Linear(inputs: 2, outputs: 2, name: "layer", in: parameters)
        parameters.initialize(seed: 1)
        let tape = Tape(parameters: parameters)
        let (x, target) = (tape.input(rows: 1, columns: 2), tape.input(rows: 1, columns: 2))
        let quantization = NoiseQuantization()
        quantization.mode = .rounding
        quantization.step = 0.5
        let quantized = quantization(layer(x, on: tape), on: tape)
        quantization.offsets = [0.1, -0.2]
        let term = tape.term("distortion")
        squaredError(quantized, target, term: term, on: tape)
        term.weight = 1
        (x.data[0], x.data[1]) = (1, -2)
        tape.forward()
        var gradient = [Float](repeating: 0, count: parameters.count)
        gradient.withUnsafeMutableBufferPointer { tape.backward(into: $0.baseAddress!) { _ in } }
        for column in 0..<2 {
            let value = quantized.data[column]
            let cell = (value - quantization.offsets[column]) / 0.5
            #expect(abs(cell - cell.rounded()) < 1e-5)
            #expect(abs(gradient[layer.bias.offset + column] - 2 * value) < 1e-5)
        }
    }

    /// The same model in PyTorch, with the same numbers: objective and every gradient.
    @Test(.enabled(if: PythonScript.has("torch"), "needs PyTorch: python3 -m pip install numpy torch"))
    func agreesWithPyTorch() throws {
        let model = SmallModel()
        let gradient = model.gradient()
        let folder = try ScratchFolder()
        func dump(_ floats: UnsafePointer<Float>, _ count: Int, _ name: String) throws {
            try Data(bytes: floats, count: 4 * count).write(to: URL(fileURLWithPath: folder / name))
        }
        try dump(model.parameters.values.pointer, model.parameters.count, "values")
        try dump(model.input.data, model.input.count, "input")
        try dump(model.noise.noise.pointer, model.noise.noise.count, "noise")
        let table = model.parameters.parameters.map {
            ["name": $0.name, "offset": "\($0.offset)", "shape": "\($0.shape)"]
        }
        try JSONEncoder().encode(table).write(to: URL(fileURLWithPath: folder / "table"))
        let script = PythonScript(modules: ["torch", "json"], Self.script)
        try script.run([folder.path])
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder / "gradient"))
        let theirs = bytes.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
        #expect(abs(theirs[gradient.count] - model.objective()) < 1e-5 * abs(theirs[gradient.count]))
        for parameter in model.parameters.parameters {
            let range = parameter.offset..<parameter.offset + parameter.count
            let largest = range.reduce(0.0) { max($0, abs(theirs[$1])) }
            #expect(largest > 0, "\(parameter.name)")
            for index in range {
                #expect(abs(Double(gradient[index]) - theirs[index]) < 1e-4 * largest, "\(parameter.name)")
            }
        }
    }

    private static let script = """
        folder = sys.argv[1] + "/"
        read = lambda name: torch.from_numpy(numpy.fromfile(folder + name, dtype=numpy.float32).astype(numpy.float64))
        flat = read("values")
        p = {}
        for row in json.load(open(folder + "table")):
            shape, offset = json.loads(row["shape"]), int(row["offset"])
            p[row["name"]] = (flat[offset:offset + int(numpy.prod(shape))].reshape(shape).clone().requires_grad_(), offset)
        v = lambda name: p[name][0]
        linear = lambda x, name: torch.nn.functional.linear(x, v(name + ".weight"), v(name + ".bias"))
        block = lambda x, name: x + linear(torch.nn.functional.gelu(linear(x, name + ".first")), name + ".second")
        x = read("input").reshape(13, 3)
        step = 0.5
        latents = linear(block(block(linear(x, "entry"), "block.0"), "block.1"), "exit")
        noisy = latents + step * read("noise").reshape(13, 3)
        def logits(y):
            z = y.t().reshape(3, 1, -1)
            widths, m, b = [1, 3, 3, 3, 1], 0, 0
            for k in range(4):
                i, o = widths[k], widths[k + 1]
                h = v("density.matrices")[:, m:m + i * o].reshape(3, o, i)
                z = torch.nn.functional.softplus(h) @ z + v("density.biases")[:, b:b + o].reshape(3, o, 1)
                if k < 3:
                    z = z + torch.tanh(v("density.factors")[:, b:b + o].reshape(3, o, 1)) * torch.tanh(z)
                m, b = m + i * o, b + o
            return z
        likelihood = torch.sigmoid(logits(noisy + step / 2)) - torch.sigmoid(logits(noisy - step / 2))
        bits = -torch.log2(likelihood.clamp_min(1e-9)).sum()
        distortion = ((linear(noisy, "decoder") - latents) ** 2).sum()
        objective = 0.01 * bits + 0.3 * distortion
        objective.backward()
        out = numpy.zeros(len(flat) + 1)
        for value, offset in p.values():
            out[offset:offset + value.numel()] = value.grad.reshape(-1).numpy()
        out[-1] = objective.item()
        out.tofile(folder + "gradient")
        """
}
