import Testing
import TrackModel

@Suite("RunFilter") struct RunFilterTests {
    static let now: Int64 = 1_800_000_000_000

    @Test("says at which character and why a text is refused", arguments: [
        ("config.lr <", 11, "a value should be where the end is"),
        ("(state = running", 16, "\")\" is missing before the end"),
        ("state = sleeping", 8, "\"sleeping\" is not a state: running, finished, failed or killed"),
        ("summary.loss < low", 15, "\"low\" is not a number"),
        ("created > soon", 10, "\"soon\" is not a time such as 2026-11-21, 2026-11-21T10:00:00Z or 7d (ago)"),
        ("name ~ \"(\"", 7, "\"(\" is not a regular expression of at most 200 characters"),
        ("lr in 3", 6, "\"(\" should be where \"3\" is"),
        ("lr in (3", 8, "\")\" is missing before the end"),
        ("name = \"x", 7, "the quote \" is never closed"),
        ("lr is here", 6, "missing should be where \"here\" is"),
        ("a = 1 ; b", 6, "\";\" is not part of the language"),
        ("a = 1 )", 6, "\")\" cannot stand here"),
        ("a = 1 or", 8, "a name should be where the end is"),
    ])
    func refusals(text: String, position: Int, reason: String) {
        #expect(throws: RunFilterError(position: position, reason: reason)) { try RunFilter(text, now: Self.now) }
    }

    @Test("deep nesting is refused, not followed") func deep() {
        #expect(throws: RunFilterError.self) { try RunFilter(String(repeating: "(", count: 5_000), now: Self.now) }
        #expect(throws: RunFilterError.self) { try RunFilter(String(repeating: "not ", count: 2_000) + "a", now: Self.now) }
    }

    @Test("knows which fields it looks at, however deep") func mentions() throws {
        let filter = try RunFilter("lr > 1 and (a = 2 or not archived:true) tag:deleted", now: Self.now)
        #expect(filter.mentions(.archived) && !filter.mentions(.deleted))
        #expect(try RunFilter("deleted in (true, false)", now: Self.now).mentions(.deleted))
    }

    @Test("reads the language", arguments: [
        ("", RunFilter.all([])),
        (#"config.lr < 1e-3 and (summary.loss.min < 0.3 or tags has "best") and state = "running""#, .all([
            .compare(.config("lr"), .less, .number(1e-3)),
            .any([.compare(.summary(metric: "loss", .min), .less, .number(0.3)), .compare(.tag, .equal, .text("best"))]),
            .compare(.field(.state), .equal, .text("running")),
        ])),
        (#"state:running lr<1e-3 optimizer in (adamw, lion) tag:baseline "vit" best(val/acc)>0.9"#, .all([
            .compare(.field(.state), .equal, .text("running")), .compare(.bare("lr"), .less, .number(1e-3)),
            .oneOf(.bare("optimizer"), [.text("adamw"), .text("lion")]), .compare(.tag, .equal, .text("baseline")), .text("vit"),
            .compare(.summary(metric: "val/acc", .best), .greater, .number(0.9)),
        ])),
        ("metrics.`val/acc` >= 0.5 AND params.model != 'vit'", .all([
            .compare(.summary(metric: "val/acc", .last), .greaterOrEqual, .number(0.5)), .compare(.config("model"), .unequal, .text("vit")),
        ])),
        ("not config.a is missing or config.b is not missing", .any([.not(.missing(.config("a"))), .not(.missing(.config("b")))])),
        ("name like \"vit%\" name ~ \"^v[0-9]+\" model:res*", .all([
            .like(.field(.name), "vit%"), .matches(.field(.name), "^v[0-9]+"), .like(.bare("model"), "res%"),
        ])),
        ("createdAt > 2026-11-21 duration >= 2h", .all([
            .compare(.field(.createdAt), .greater, .number(1_795_219_200_000)), .compare(.field(.duration), .greaterOrEqual, .number(7_200_000)),
        ])),
        ("started > 7d", .compare(.field(.startedAt), .greater, .number(Double(1_800_000_000_000 - 7 * 86_400_000)))),
        ("created < 2026-11-21T10:00:00Z", .compare(.field(.createdAt), .less, .number(1_795_255_200_000))),
        ("health:nan not in_place", .all([.compare(.finding, .equal, .text("nan")), .not(.text("in_place"))])),
        ("attributes.status = 'FINISHED' and attributes.start_time > 1664067852747", .all([
            .compare(.field(.state), .equal, .text("finished")), .compare(.field(.startedAt), .greater, .number(1_664_067_852_747)),
        ])),
        ("vit or resnet", .any([.text("vit"), .text("resnet")])),
        ("archived:true or not trashed = no", .any([.compare(.field(.archived), .equal, .number(1)), .not(.compare(.field(.deleted), .equal, .number(0)))])),
        ("config.a not in [1, 2]", .not(.oneOf(.config("a"), [.number(1), .number(2)]))),
    ])
    func reads(text: String, expected: RunFilter) throws {
        #expect(try RunFilter(text, now: Self.now) == expected)
    }
}
