import Foundation
import Neural
import Numerics
import TestSupport
import Testing

@Suite struct FeatureMapTests {
    @Test func parametersHaveTheirNamesAndShapes() {
        let shapes = FeatureMapModel().parameters.parameters.map { "\($0.name) \($0.shape)" }
        #expect(
            shapes == [
                "first.first.weight [3, 3, 5, 5]", "first.first.bias [5]",
                "first.second.weight [3, 3, 5, 5]", "first.second.bias [5]",
                "blocks.weight [4, 4, 5]", "blocks.bias [4, 5]",
                "second.a.weight [3, 3, 5, 5]", "second.a.bias [5]", "second.b.weight [3, 3, 5, 5]",
                "second.b.bias [5]",
            ])
    }

    /// Along a random direction in each parameter, the objective's slope is what the gradient says.
    @Test func gradientsAreFiniteDifferences() {
        let model = FeatureMapModel()
        let gradient = model.gradient()
        for parameter in model.parameters.parameters {
            var direction = [Float](repeating: 0, count: parameter.count)
            direction.withUnsafeMutableBufferPointer {
                CounterRandom(seed: 9, purpose: .test, step: parameter.index).normals(item: 2, into: $0)
            }
            let slope = direction.indices.reduce(0.0) {
                $0 + Double(direction[$1]) * Double(gradient[parameter.offset + $1])
            }
            let size = direction.indices.reduce(0.0) { max($0, abs(Double(gradient[parameter.offset + $1]))) }
            let before = Array(UnsafeBufferPointer(start: parameter.values, count: parameter.count))
            let width = 4e-2 / Double(parameter.count).squareRoot()
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
            #expect(
                abs(measured - slope) < 0.01 * max(abs(slope), size), "\(parameter.name): \(measured) against \(slope)")
        }
    }

    @Test func aTapeThatOnlyRunsForwardComputesTheSame() {
        let (training, forward) = (FeatureMapModel(), FeatureMapModel(isTraining: false))
        training.tape.forward()
        forward.tape.forward()
        let count = training.result.count
        let (a, b) = (training.result.data, forward.result.data)
        #expect((0..<count).allSatisfy { a[$0] == b[$0] })
        #expect((0..<count).contains { a[$0] != training.input.data[$0] })
    }

    @Test func stepsAreRepeatable() {
        let model = FeatureMapModel()
        #expect(model.gradient() == model.gradient())
    }

    /// The same model in PyTorch, in double precision: output, objective and every gradient.
    @Test(.enabled(if: PythonScript.has("torch"), "needs PyTorch: python3 -m pip install numpy torch"))
    func agreesWithPyTorch() throws {
        let model = FeatureMapModel()
        let gradient = model.gradient()
        let folder = try ScratchFolder()
        func dump(_ memory: UnsafeRawPointer, _ count: Int, _ name: String) throws {
            try Data(bytes: memory, count: 4 * count).write(to: URL(fileURLWithPath: folder / name))
        }
        try dump(model.parameters.values.pointer, model.parameters.count, "values")
        try dump(model.input.data, model.input.count, "input")
        try dump(FeatureMapModel.order, FeatureMapModel.order.count, "order")
        let table = model.parameters.parameters.map {
            ["name": $0.name, "offset": "\($0.offset)", "shape": "\($0.shape)"]
        }
        try JSONEncoder().encode(table).write(to: URL(fileURLWithPath: folder / "table"))
        let script = PythonScript(modules: ["torch", "json"], Self.script)
        try script.run([folder.path])
        func read(_ name: String) throws -> [Double] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: folder / name))
            return bytes.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
        }
        let (output, theirs) = (try read("output"), try read("gradient"))
        let result = UnsafeBufferPointer(start: model.result.data, count: model.result.count)
        #expect(output.count == result.count)
        for index in output.indices { #expect(abs(Double(result[index]) - output[index]) < 1e-5) }
        #expect(abs(theirs[gradient.count] - model.objective()) < 1e-5 * theirs[gradient.count])
        for parameter in model.parameters.parameters {
            let range = parameter.offset..<parameter.offset + parameter.count
            let largest = range.reduce(0.0) { max($0, abs(theirs[$1])) }
            #expect(largest > 0, "\(parameter.name)")
            for index in range {
                #expect(abs(Double(gradient[index]) - theirs[index]) < 2e-5 * largest, "\(parameter.name)")
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
        n, h, w, c, block = 2, 6, 10, 5, 2
        order = torch.from_numpy(numpy.fromfile(folder + "order", dtype=numpy.int32).astype(numpy.int64))
        conv = lambda x, name: torch.nn.functional.conv2d(
            x, v(name + ".weight").permute(3, 2, 0, 1), v(name + ".bias"), padding=1)
        def residual(x, name, first, second):
            return x + conv(torch.nn.functional.gelu(conv(x, name + "." + first)), name + "." + second)
        def blocks(x, name):
            y = x.reshape(n, c, h // block, block, w // block, block).permute(0, 2, 4, 3, 5, 1)
            y = y.reshape(-1, block * block, c)
            y = y + v(name + ".bias") + torch.einsum("nfc,ftc->ntc", y, v(name + ".weight"))
            y = y.reshape(n, h // block, w // block, block, block, c).permute(0, 5, 1, 3, 2, 4)
            return y.reshape(n, c, h, w)
        rows = read("input").reshape(-1, c)
        x = rows[order].reshape(n, h, w, c).permute(0, 3, 1, 2)
        y = residual(blocks(residual(x, "first", "first", "second"), "blocks"), "second", "a", "b")
        objective = 0.3 * ((y - x) ** 2).sum()
        objective.backward()
        output = torch.empty_like(rows)
        output[order] = y.detach().permute(0, 2, 3, 1).reshape(-1, c)
        output.numpy().tofile(folder + "output")
        out = numpy.zeros(len(flat) + 1)
        for value, offset in p.values():
            out[offset:offset + value.numel()] = value.grad.reshape(-1).numpy()
        out[-1] = objective.item()
        out.tofile(folder + "gradient")
        """
}
