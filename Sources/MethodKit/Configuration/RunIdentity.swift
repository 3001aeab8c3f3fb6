import Datasets
import Training

/// What a run's result depends on: the config's keys, and the data that some of them name. Compared over ranks at the
/// start, and with the run folder when a run is resumed.
///
///     let identity = try RunIdentity(config)
///     try RankAgreement.require(identity.values, over: world)
///     try identity.requireSame(as: folder, earlier, config)
public struct RunIdentity {
    /// By key: its value, or the fingerprint of the data that it names.
    public let values: [String: String]
    /// What the run folder keeps.
    public let fingerprints: [String: String]

    /// - Throws: `LloydError` if data cannot be read.
    public init(_ config: Config) throws {
        var values: [String: String] = [:]
        var fingerprints: [String: String] = [:]
        var hash = Fingerprint()
        for key in config.usedKeys where key.isPartOfResult {
            guard key.namesData == nil else {
                guard let path = Self.path(config, key) else { continue }
                let text = try DataFingerprint.text(of: path)
                (values[key.path], fingerprints[key.path]) = (text, text)
                continue
            }
            values[key.path] = config.values[key.path]!.yaml
            hash.add("\(key.path): \(config.values[key.path]!.yaml)")
        }
        fingerprints["config"] = String(hash.value, radix: 16)
        (self.values, self.fingerprints) = (values, fingerprints)
    }

    /// The path of a key whose data the run reads; nil if it reads none.
    private static func path(_ config: Config, _ key: any ConfigKey) -> String? {
        guard key.namesData?(config) == true, case .text(let path)? = config.values[key.path] else { return nil }
        return path
    }

    /// Refuses to go on with a run of another config or other data. Data that only moved are the same.
    /// - Parameter earlier: the config in the run folder.
    /// - Throws: `ConfigError` that names the key.
    public func requireSame(as folder: RunFolder, _ earlier: Config, _ config: Config) throws {
        guard earlier.method == config.method else { throw differs(Keys.general.method, folder, config) }
        for key in config.usedKeys where key.isPartOfResult {
            guard key.namesData != nil else {
                guard earlier.values[key.path] == config.values[key.path] else {
                    throw differs(key, folder, config)
                }
                continue
            }
            let (before, now) = (Self.path(earlier, key), Self.path(config, key))
            guard (before == nil) == (now == nil) else { throw differs(key, folder, config) }
            guard let before, let now else { continue }
            if let known = folder.fingerprints[key.path] {
                guard known != fingerprints[key.path] else { continue }
                throw config.fault(
                    key,
                    "holds other data than those that the run in \(folder.path) was trained on: \(fingerprints[key.path]!) "
                        + "instead of \(known)",
                    remedy:
                        "name the same data, wherever they lie now: --set \(key.path)=/path/to/them; or start a new "
                        + "run in another folder")
            }
            guard RunFolder.isSamePath(before, now) else {
                throw config.fault(
                    key,
                    "differs from the run that is to be resumed in \(folder.path), which a version of Lloyd has written that "
                        + "did not note what its data are",
                    remedy: "bring the data, or a link to them, to \(before) once; later resumptions find them anywhere"
                )
            }
        }
    }

    private func differs(_ key: any ConfigKey, _ folder: RunFolder, _ config: Config) -> ConfigError {
        config.fault(
            key, "differs from the run that is to be resumed in \(folder.path)",
            remedy: "resume with the same config, or start a new run in another folder")
    }
}
