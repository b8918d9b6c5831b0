/// Which run a program takes up that was started again with `TRACK_RUN_ID`: every start that names no id itself.
struct Resumption: Equatable {
    let id: String
    let resume: Resume

    /// - Parameter environment: `TRACK_RUN_ID`, and `TRACK_RESUME`: `allow` (also without it), `must`, or the step to go on at.
    /// - Returns: `nil` without an id.
    /// - Throws: ``TrackError/setting(name:value:allowed:)``
    init?(_ environment: [String: String]) throws {
        guard let id = environment["TRACK_RUN_ID"], !id.isEmpty else { return nil }
        self.id = id
        let rule = environment["TRACK_RESUME"] ?? ""
        switch rule {
        case "", "allow": resume = .allow
        case "must": resume = .must
        default:
            guard let step = Int(rule), step >= 0 else { throw TrackError.setting(name: "TRACK_RESUME", value: rule, allowed: "allow, must or a step") }
            resume = .from(step: step)
        }
    }
}
