import TrackModel
import TrackSeries

/// A number that may be a word, or nothing.
private let maybeNumber: JSONValue = ["anyOf": [["type": "number"], ["enum": ["NaN", "Infinity", "-Infinity"]], ["type": "null"]]]
private let positiveInteger: JSONValue = ["type": "integer", "minimum": 1, "maximum": 1_000_000]

extension BatchRoutes {
    /// The JSON form of a batch, which is scanned and not decoded, so that no Swift type describes it.
    static func schema(_ builder: inout SchemaBuilder) -> JSONValue {
        guard case .object(let extras) = builder.inlined(BatchExtras.self), case .object(var properties)? = extras["properties"] else { return [:] }
        let word: JSONValue = ["type": "string", "minLength": 1, "maxLength": 64]
        properties["writer"] = word
        properties["sequence"] = ["type": "integer", "minimum": 1, "maximum": .integer(.max)]
        properties["attempt"] = positiveInteger
        properties["rows"] = ["type": "array", "items": row]
        properties["steps"] = ["type": "array", "items": Int64.schema]
        properties["times"] = ["type": "array", "items": Int64.schema]
        properties["columns"] = ["type": "object", "additionalProperties": ["type": "array", "items": maybeNumber]]
        return ["type": "object", "properties": .object(properties),
                "description": "rows, or steps and columns; writer and sequence together, so that a repeat is harmless."]
    }

    private static var row: JSONValue {
        ["type": "object", "properties": [
            "step": Int64.schema, "time": Int64.schema,
            "values": ["type": "object", "description": "Names to numbers; nested objects become paths."],
        ], "required": ["values"]]
    }
}

extension BucketSeries: SchemaDescribed {
    /// Written by hand, as its coding is.
    static var schema: JSONValue {
        var properties: [String: JSONValue] = [
            "run": ["anyOf": [RunID.schema, ["type": "null"]]], "metric": String.schema, "raw": Bool.schema, "delta": Bool.schema,
            "firstX": maybeNumber, "lastX": maybeNumber, "domain": ["type": "array", "items": maybeNumber],
            "cursor": ["type": ["string", "null"]], "group": [:], "members": ["type": "array", "items": RunID.schema],
            "percentiles": ["type": "array", "items": maybeNumber],
        ]
        for name in ["points", "bucketCount", "nan", "positiveInfinity", "negativeInfinity"] { properties[name] = Int.schema }
        for name in BucketColumns.names { properties[name] = ["type": "array", "items": maybeNumber] }
        return ["type": "object", "properties": .object(properties), "required": ["run", "metric", "points", "bucketCount"]]
    }
}

extension SeriesAnswer.Missing.Reason: SchemaDescribed {
    static var schema: JSONValue { String.schema }
}
extension SeriesAnswer.Missing.Reason: Sampled { static var sample: Any { Self.notLogged } }
extension MetricDefinition.Goal: SchemaDescribed, Sampled {
    static var schema: JSONValue { ["type": "string", "enum": ["minimize", "maximize"]] }
    static var sample: Any { Self.minimize }
}
extension CreateRunRequest.Resume: SchemaDescribed, Sampled {
    static var schema: JSONValue { ["type": "string", "enum": ["never", "allow", "must"]] }
    static var sample: Any { Self.never }
}
