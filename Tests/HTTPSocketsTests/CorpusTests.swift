import Foundation
import Testing
@testable import HTTPSockets

@Suite("The fuzzer's corpus") struct CorpusTests {
    private static let inputs: [String: [UInt8]] = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fuzz/Corpus")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return Dictionary(uniqueKeysWithValues: names.compactMap { name in
            (try? Data(contentsOf: folder.appendingPathComponent(name))).map { (name, Array($0)) }
        })
    }()

    @Test("is answered, and the next client is served") func corpus() async throws {
        let inputs = Self.inputs
        #expect(inputs.count >= 9)
        try await withServer { port in
            for (name, bytes) in inputs {
                let client = try RawClient(port: port)
                client.send(bytes)
                #expect(client.response()?.status != nil, "\(name)")
            }
            let client = try RawClient(port: port)
            client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(client.response()?.text == "hello")
        }
    }
}
