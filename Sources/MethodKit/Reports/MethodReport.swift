import Reporting

/// What the report of a run may be asked to do otherwise.
public struct ReportOptions: Sendable {
    /// File or folder of published curves, instead of the run's own copy.
    public var anchors: String?
    /// Whether pictures that the run has kept are shown; without them the report holds none of its data.
    public var pictures = true

    public init(anchors: String? = nil, pictures: Bool = true) {
        self.anchors = anchors
        self.pictures = pictures
    }
}

/// The report of one run: the method's own sections, and the data that report.json holds.
public struct MethodReport {
    /// What people read.
    public var page: ReportPage
    /// What report.json holds.
    public var data: JSONValue

    public init(page: ReportPage, data: JSONValue) {
        self.page = page
        self.data = data
    }
}

/// What a method says about several of its runs side by side.
public struct MethodComparison {
    /// What stands in the report, before the costs and configs that all methods share.
    public var sections: [ReportSection] = []
    /// Image codecs that the runs are, which are compared with all others of the report.
    public var codecs: [OwnCodec] = []
    /// Published image codecs that these runs know of.
    public var published = PublishedCodecs(curves: [])
    /// What report.json holds of the run of that name.
    public var data: (_ name: String) throws -> JSONValue

    public init(data: @escaping (_ name: String) throws -> JSONValue) { self.data = data }
}

extension Method {
    public static func check(_ record: Record, file: String) throws {}

    /// Nothing but what all methods share.
    public static func compare(
        _ runs: [FinishedRun<Record>], _ options: ReportOptions
    ) throws -> MethodComparison {
        MethodComparison { name in
            guard let run = runs.first(where: { $0.name == name }) else { return .null }
            return [
                "run": .string(name), "method": .string(Self.name),
                "accounting": try JSONValue(encoding: run.run.accounting),
            ]
        }
    }

    static func report(of run: RunContents, _ options: ReportOptions) throws -> MethodReport {
        try report(run.finished(Self.self), options)
    }

    /// - Parameter names: what the report calls the runs.
    static func comparison(of runs: [RunContents], names: [String], _ options: ReportOptions) throws -> MethodComparison
    {
        try compare(
            zip(runs, names).map { run, name in
                var finished = try run.finished(Self.self)
                finished.name = name
                return finished
            }, options)
    }
}
