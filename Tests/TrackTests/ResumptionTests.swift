import Testing
@testable import Track

@Suite("TRACK_RUN_ID and TRACK_RESUME") struct ResumptionTests {
    @Test("name a run to take up, as far as they say", arguments: [
        (nil, Resume.allow), ("", .allow), ("allow", .allow), ("must", .must), ("1200", .from(step: 1_200)), ("0", .from(step: 0)),
    ] as [(String?, Resume)])
    func rules(text: String?, resume: Resume) throws {
        var environment = ["TRACK_RUN_ID": "ab2cd34e"]
        environment["TRACK_RESUME"] = text

        let resumption = try Resumption(environment)

        #expect(resumption?.id == "ab2cd34e" && resumption?.resume == resume)
    }

    @Test("say nothing without an id, and refuse what is no rule") func refusals() throws {
        #expect(try Resumption(["TRACK_RESUME": "must"]) == nil && Resumption(["TRACK_RUN_ID": ""]) == nil)
        for text in ["never", "-1", "soon"] {
            #expect(throws: TrackError.setting(name: "TRACK_RESUME", value: text, allowed: "allow, must or a step")) {
                _ = try Resumption(["TRACK_RUN_ID": "ab2cd34e", "TRACK_RESUME": text])
            }
        }
    }
}
