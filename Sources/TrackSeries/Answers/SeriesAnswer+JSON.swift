import TrackModel

extension BucketSeries: Codable {
    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(_ text: String) { stringValue = text }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(run, forKey: Key("run"))
        try container.encode(metric, forKey: Key("metric"))
        for (name, value) in integers { try container.encode(value, forKey: Key(name)) }
        try container.encode(raw, forKey: Key("raw"))
        try container.encode(delta, forKey: Key("delta"))
        try container.encode(firstX, forKey: Key("firstX"))
        try container.encode(lastX, forKey: Key("lastX"))
        try container.encode(domain, forKey: Key("domain"))
        try container.encode(cursor, forKey: Key("cursor"))
        try container.encode(group, forKey: Key("group"))
        try container.encodeIfPresent(members, forKey: Key("members"))
        try container.encodeIfPresent(percentiles.map { $0.map(JSONValue.init(bucketValue:)) }, forKey: Key("percentiles"))
        for column in columns.numbers {
            try container.encodeIfPresent(columns[keyPath: column.path].map { $0.map(JSONValue.init(bucketValue:)) }, forKey: Key(column.name))
        }
        for column in columns.counts { try container.encodeIfPresent(columns[keyPath: column.path], forKey: Key(column.name)) }
    }

    var integers: [(String, Int)] {
        [("points", points), ("bucketCount", bucketCount), ("nan", nan), ("positiveInfinity", positiveInfinity), ("negativeInfinity", negativeInfinity)]
            + (late > 0 ? [("late", late)] : [])
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self.init(run: try container.decode(RunID?.self, forKey: Key("run")), metric: try container.decode(String.self, forKey: Key("metric")))
        points = try container.decode(Int.self, forKey: Key("points"))
        bucketCount = try container.decode(Int.self, forKey: Key("bucketCount"))
        nan = try container.decode(Int.self, forKey: Key("nan"))
        positiveInfinity = try container.decode(Int.self, forKey: Key("positiveInfinity"))
        negativeInfinity = try container.decode(Int.self, forKey: Key("negativeInfinity"))
        late = try container.decodeIfPresent(Int.self, forKey: Key("late")) ?? 0
        raw = try container.decode(Bool.self, forKey: Key("raw"))
        delta = try container.decodeIfPresent(Bool.self, forKey: Key("delta")) ?? false
        firstX = try container.decode(Double?.self, forKey: Key("firstX"))
        lastX = try container.decode(Double?.self, forKey: Key("lastX"))
        domain = try container.decode([Double].self, forKey: Key("domain"))
        cursor = try container.decodeIfPresent(String.self, forKey: Key("cursor"))
        group = try container.decodeIfPresent(JSONValue.self, forKey: Key("group"))
        members = try container.decodeIfPresent([RunID].self, forKey: Key("members"))
        percentiles = try container.decodeIfPresent([JSONValue].self, forKey: Key("percentiles"))?.map(\.bucketValue)
        for column in columns.numbers {
            columns[keyPath: column.path] = try container.decodeIfPresent([JSONValue].self, forKey: Key(column.name))?.map(\.bucketValue)
        }
        for column in columns.counts { columns[keyPath: column.path] = try container.decodeIfPresent([UInt32].self, forKey: Key(column.name)) }
    }
}

extension JSONValue {
    /// NaN stands for "no finite point" and becomes null.
    init(bucketValue value: Double) { self = value.isNaN ? .null : .number(value) }
    var bucketValue: Double { doubleValue ?? .nan }
}
