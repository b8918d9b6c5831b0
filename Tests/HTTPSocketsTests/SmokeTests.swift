import Testing
@testable import HTTPSockets

@Suite("smoke") struct SmokeTests {
    @Test("starts") func starts() async throws {
        let server = HTTPServer(configuration: ServerConfiguration(port: 0), routes: Routes())
        _ = try await server.start()
        await server.shutdown(deadline: .seconds(1))
    }
}
