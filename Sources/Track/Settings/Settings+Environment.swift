extension Settings {
    /// What the run tells of its machine and its surroundings.
    mutating func takeEnvironment(_ word: (_ variable: String, _ key: String) -> String?) throws {
        func flag(_ variable: String, _ key: String, _ setting: WritableKeyPath<Settings, Bool>) throws {
            guard let value = word(variable, key) else { return }
            guard let isOn = ["on": true, "true": true, "1": true, "off": false, "false": false, "0": false][value] else {
                throw TrackError.setting(name: variable, value: value, allowed: "on or off")
            }
            self[keyPath: setting] = isOn
        }
        try flag("TRACK_SYSTEM", "system", \.recordsSystem)
        try flag("TRACK_ENVIRONMENT", "environment", \.recordsEnvironment)
        try flag("TRACK_DIFF", "diff", \.recordsDiff)
        try flag("TRACK_CONSOLE", "console", \.capturesConsole)
        if let text = word("TRACK_SYSTEM_INTERVAL", "system_interval") {
            guard let seconds = Double(text), (0.1...86_400).contains(seconds) else {
                throw TrackError.setting(name: "TRACK_SYSTEM_INTERVAL", value: text, allowed: "a number of seconds, 0.1 to 86400")
            }
            systemInterval = .seconds(seconds)
        }
        if let names = word("TRACK_ENVIRONMENT_VARIABLES", "environment_variables") {
            environmentVariables = names.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
        }
    }
}
