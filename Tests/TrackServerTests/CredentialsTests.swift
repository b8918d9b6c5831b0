import HTTPSockets
import Testing
@testable import TrackServer

@Suite("Credentials") struct CredentialsTests {
    @Test("are read from Authorization, else from the cookie", arguments: [
        (["Authorization": "Bearer trk-a"], Credentials.key("trk-a")),
        (["Authorization": "bearer   trk-a "], .key("trk-a")),
        (["Authorization": "Basic bWU6dHJrLWE="], .key("trk-a")),
        (["Authorization": "Basic YXBpOnRyay1hOmI="], .key("trk-a:b")),
        (["Authorization": "Bearer trk-a", "Cookie": "track_session=t"], .key("trk-a")),
        (["Cookie": "a=b; track_session=x.1.y.z; c=d"], .cookie("x.1.y.z")),
        (["Cookie": "xtrack_session=1"], .none),
        (["Authorization": "Basic ???"], .unreadable(scheme: "Basic")),
        (["Authorization": "Bearer"], .unreadable(scheme: "bearer")),
        (["Authorization": "Digest x"], .unreadable(scheme: "digest")),
        ([:], .none),
    ]) func reading(fields: [String: String], expected: Credentials) {
        #expect(Credentials(Request(.get, "/", headers: Headers(fields.map { (name: $0.key, value: $0.value) }))) == expected)
    }
}
