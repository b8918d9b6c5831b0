import Testing
@testable import Track

@Suite("config.toml") struct ConfigFileTests {
    @Test("gives quoted and plain values, without comments, up to the first table") func parse() {
        let values = ConfigFile.parse("""
            # where rows go
            url = "https://track.example:8443"   # ours
            api_key='trk-a\\b'
            spool_limit = 1048576 # bytes
            [server]
            url = "no"
            """)

        #expect(values == ["url": "https://track.example:8443", "api_key": "trk-a\\b", "spool_limit": "1048576"])
    }

    @Test("keeps what it does not change") func set() {
        let text = ConfigFile.setting([("url", "http://b"), ("api_key", "k\"1")], in: "# mine\nurl = \"http://a\"\n\n[x]\ny = 1\n")

        #expect(text == "# mine\nurl = \"http://b\"\n\napi_key = \"k\\\"1\"\n[x]\ny = 1\n")
        #expect(ConfigFile.parse(text)["api_key"] == "k\"1")
    }
}

@Suite("The server's address") struct ServerAddressTests {
    @Test("is taken if it can be one, and else refused") func addresses() {
        let good = ["http://h", "http://127.0.0.1:8080", "https://track.example.org/prefix/", "http://[::1]:80", "http://[fe80::1%25eth0]", "http://a:b@h:1", "http://grün.example", "https://h:"]
        let bad = ["", "h:80", "ftp://h", "http://", "http:///x", "http://:80", "http://h:99999", "http://h:x", "http://h h", "http://[::1", "http://[]:80", "http://[h]x", "http://a@"]

        #expect(good.filter { !ServerAddress.isPossible($0) } == [])
        #expect(bad.filter(ServerAddress.isPossible) == [])
    }
}
