import Testing
@testable import TrackServer

@Suite("Entity tags") struct EntityTagTests {
    @Test("differ for every changed byte, and for length") func differ() {
        var generator = SystemRandomNumberGenerator()
        for length in [0, 1, 7, 8, 9, 63, 1_000] {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let tag = EntityTag.of(bytes)
            #expect(tag == EntityTag.of(bytes))
            #expect(tag != EntityTag.of(bytes + [0]))
            for place in stride(from: 0, to: length, by: max(1, length / 20)) {
                var changed = bytes
                changed[place] ^= 1
                #expect(tag != EntityTag.of(changed))
            }
        }
    }

    @Test("match as If-None-Match lists them", arguments: [
        ("W/\"a\"", true), ("\"a\"", true), ("*", true), ("\"b\", W/\"a\"", true), ("\"b\",\"a\"", true), ("\"b\"", false), ("a", false), ("", false),
    ]) func matching(field: String, expected: Bool) {
        #expect(EntityTag.matches("W/\"a\"", field) == expected)
    }
}
