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
