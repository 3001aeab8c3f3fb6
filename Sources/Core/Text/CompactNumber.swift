/// A number as names of files and messages show it, without a needless fraction: 64, 0.5.
///
///     "models/nvtc-\(compact(64.0)).safetensors"              // models/nvtc-64.safetensors
public func compact(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
}
