import Foundation
import HTTPSockets
import Testing
import TrackModel
import TrackStore
@testable import TrackServer

@Suite("Errors at the edge") struct APIErrorTests {
    static let run = RunID("aaaaaaaa")!

    @Test("keep the store's sentence and get a stable code", arguments: [
        (StoreError.unknownProject("p"), 404, ErrorCode.unknownProject), (.unknownRun("r"), 404, .unknownRun),
        (.unknownMetric("m", run: run), 404, .unknownMetric), (.unknownKey("k"), 404, .unknownKey), (.unknownView("v"), 404, .unknownView),
        (.unknownAttempt(3, run: run, latest: 1), 409, .unknownAttempt), (.runExists(run), 409, .runExists),
        (.sequenceGap(writer: "w", expected: 2, given: 4), 409, .sequenceGap),
        (.invalidName(kind: "project", value: "", reason: "it is empty"), 422, .invalidName),
        (.invalidParameter(name: "sort", value: "x", reason: "no such key"), 400, .invalidParameter),
        (.invalidFilter(text: "a <", position: 3, reason: "a value is needed"), 400, .invalidFilter),
        (.invalidBatch("no"), 422, .invalidBatch), (.tooManyMetrics(given: 2, limit: 1), 422, .tooManyMetrics),
        (.nestingTooDeep(given: 40, limit: 32), 422, .nestingTooDeep), (.diskFull, 507, .diskFull), (.damaged("x"), 500, .damaged),
        (.locked(directory: "d"), 500, .internalError), (.overloaded, 503, .overloaded), (.closed, 503, .shuttingDown),
    ]) func store(error: StoreError, status: Int, code: ErrorCode) {
        let refusal = APIError(error)

        #expect(refusal.status == status && refusal.code == code && refusal.message == error.description)
    }

    @Test("carry what a client needs to go on") func details() {
        let gap = APIError(StoreError.sequenceGap(writer: "w", expected: 2, given: 4))

        #expect(gap.details == ["writer": "w", "expected": 2, "given": 4])
        #expect(gap.message == "Batch 4 of writer w came before batch 2. Send 2 first; nothing was stored.")
        #expect(APIError(StoreError.overloaded).retryAfter == 1)
        #expect(APIError(StoreError.invalidFilter(text: "a <", position: 3, reason: "")).details == ["position": 3])
    }

    @Test("of the HTTP layer share few codes and keep their status") func http() {
        let large = APIError(HTTPError.bodyTooLarge(limit: 10))
        #expect(large.status == 413 && large.code == .bodyTooLarge && large.details == ["limit": "10"])
        let method = APIError(HTTPError.methodNotAllowed("PUT", allowed: ["GET"]))
        #expect(method.status == 405 && method.allow == "GET")
        #expect(APIError(HTTPError.targetTooLong(limit: 8_192)).description == "414 bad_request: The request's target is longer than 8192 bytes. Send long input in the body.")
    }

    @Test("tell nothing of a fault that is ours, but keep its cause for the log") func internalFault() {
        struct Fault: Error, CustomStringConvertible { var description: String { "SELECT secret" } }

        let refusal = APIError(Fault())

        #expect(refusal.status == 500 && refusal.code == .internalError && refusal.cause == "SELECT secret")
        #expect(!refusal.message.contains("secret"))
    }

    @Test("say where JSON is wrong", arguments: [
        ("{", 400, "invalid_json"), ("", 400, "invalid_json"), ("[]", 400, "invalid_body"), ("{}", 400, "invalid_body"), (#"{"project":1}"#, 400, "invalid_body"),
        (#"{"project":"p","tags":[1]}"#, 400, "invalid_body"), (#"{"project":"p","id":"X"}"#, 400, "invalid_body"),
        (String(repeating: "[", count: 100), 422, "nesting_too_deep"),
    ]) func json(text: String, status: Int, code: String) {
        let error = #expect(throws: (any Error).self) { try JSONCoding.decode(CreateRunRequest.self, from: Array(text.utf8)) }

        let refusal = error.map { APIError($0) }
        #expect(refusal?.status == status && refusal?.code.rawValue == code, "\(text.prefix(30)): \(refusal?.description ?? "")")
    }

    @Test("have codes that the documentation lists, each with its status") func documented() throws {
        let docs = try Repository.text("docs/api.md")
        for code in ErrorCode.allCases { #expect(docs.contains("`\(code.rawValue)`"), "docs/api.md does not list \(code.rawValue)") }
    }
}
