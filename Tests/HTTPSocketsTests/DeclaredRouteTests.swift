import Testing
@testable import HTTPSockets

@Suite("Routes that declare their parameters") struct DeclaredRouteTests {
    private static let routes: Routes = {
        var routes = Routes()
        let metadata = RouteMetadata(summary: "Reads a series", parameters: [
            ParameterDescription("run", in: .path, .integer(minimum: 1, maximum: 99)),
            ParameterDescription("metric", .string(minLength: 1, maxLength: 20), isRequired: true),
            ParameterDescription("buckets", .integer(minimum: 1, maximum: 5000).described("How many", defaultValue: 500)),
            ParameterDescription("scale", .number(minimum: 0)), ParameterDescription("raw", .boolean),
            ParameterDescription("axis", .enumeration(["step", "time"])), ParameterDescription("runs", .array(.integer)),
        ])
        routes.get("/runs/{run}/series", metadata: metadata) { request in
            .text("\(request.integer("run")!) \(request.text("metric")!) \(request.integer("buckets") ?? 500) \(request.number("scale") ?? 1)")
        }
        routes.post("/rows", metadata: RouteMetadata(summary: "Takes rows", requestBody: BodyDescription(.any))) { .bytes(try await $0.body.collect()) }
        return routes
    }()

    @Test("what does not fit is refused before the handler runs", arguments: [
        ("/runs/x/series?metric=loss", "“x” is not a whole number"), ("/runs/0/series?metric=loss", "0 is less than 1"),
        ("/runs/7/series", "“metric” is not valid: it is missing"), ("/runs/7/series?metric=", "0 characters are fewer than 1"),
        ("/runs/7/series?metric=loss&buckets=5001", "5001 is more than 5000"), ("/runs/7/series?metric=loss&buckets=1.5", "“1.5” is not a whole number"),
        ("/runs/7/series?metric=loss&buckets=5&buckets=x", "“x” is not a whole number"), ("/runs/7/series?metric=loss&scale=nan", "“nan” is not a number"),
        ("/runs/7/series?metric=loss&raw=yes", "neither true nor false"), ("/runs/7/series?metric=loss&axis=x", "not one of step, time"),
        ("/runs/7/series?metric=loss&runs=1,b", "“b” is not a whole number"), ("/runs/7/series?metric=loss&bukets=5", "known are: metric, buckets"),
    ])
    func refusals(_ target: String, _ says: String) async throws {
        let response = await Self.routes.respond(to: Request(.get, target))

        #expect(response.status == .badRequest)
        #expect(String(decoding: response.body.wholeBytes, as: UTF8.self).contains(says), "\(String(decoding: response.body.wholeBytes, as: UTF8.self))")
    }

    @Test("what fits arrives as values") func values() async {
        let response = await Self.routes.respond(to: Request(.get, "/runs/7/series?metric=loss/train&scale=0.5&raw=true&axis=time&runs=1,2"))

        #expect(String(decoding: response.body.wholeBytes, as: UTF8.self) == "7 loss/train 500 0.5")
    }

    @Test("a body of a media type that is not declared is refused") func mediaTypes() async {
        let good = await Self.routes.respond(to: Request(.post, "/rows", headers: ["Content-Type": "Application/JSON; charset=utf-8"], body: [1]))
        let bad = await Self.routes.respond(to: Request(.post, "/rows", headers: ["Content-Type": "text/csv"], body: [1]))

        #expect(good.status == .ok && bad.status == .unsupportedMediaType)
    }
}
