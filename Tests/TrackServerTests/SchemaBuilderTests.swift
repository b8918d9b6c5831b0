import Testing
import TrackModel
@testable import TrackServer

@Suite("Schemas of Swift types") struct SchemaBuilderTests {
    @Test("are objects whose required keys are those that cannot be missing") func objects() {
        var builder = SchemaBuilder()

        #expect(builder.schema(of: CreateRunRequest.self) == ["$ref": "#/components/schemas/CreateRunRequest"])

        let schema = builder.components["CreateRunRequest"]
        #expect(schema?["required"] == ["project"])
        #expect(schema?["properties"]?["id"]?["type"] == ["string", "null"] && schema?["properties"]?["id"]?["pattern"] == RunID.schema["pattern"])
        #expect(schema?["properties"]?["tags"] == ["type": ["array", "null"], "items": ["type": "string"]])
        #expect(schema?["properties"]?["resume"] == ["anyOf": [["type": "string", "enum": ["never", "allow", "must"]], ["type": "null"]]])
    }

    @Test("follow nested types, dictionaries and enumerations") func nested() {
        var builder = SchemaBuilder()

        _ = builder.schema(of: RunRecord.self)
        _ = builder.schema(of: SeriesQuery.self)

        #expect(builder.components["RunRecord"]?["properties"]?["state"] == ["type": "string", "enum": ["running", "finished", "failed", "killed"]])
        #expect(builder.components["RunRecord"]?["properties"]?["summary"] == ["type": ["object", "null"], "additionalProperties": ["$ref": "#/components/schemas/MetricSummary"]])
        #expect(builder.components["MetricSummary"]?["properties"]?["last"] == Double.schema)
        #expect(builder.components["SeriesQuery_Smoothing"]?["required"] == ["kind", "amount"])
    }

    @Test("describe JSON batches with what their scanner reads") func batches() {
        var builder = SchemaBuilder()

        let properties = BatchRoutes.schema(&builder)["properties"]

        for key in ["writer", "sequence", "attempt", "rows", "steps", "times", "columns", "config", "summary", "definitions", "histograms", "logs", "events", "media"] {
            #expect(properties?[key] != nil, "\(key) is missing")
        }
    }
}
