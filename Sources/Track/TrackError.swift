/// Why a run could not be started. Nothing else of the client throws: what happens later is counted and said once.
public enum TrackError: Error, Equatable, Sendable, CustomStringConvertible {
    case project(String)
    case id(String)
    case url(String)
    case setting(name: String, value: String, allowed: String)
    /// The server does not create or take up the run; `code` is stable.
    case refused(code: String, message: String)
    /// The commands' requests did not come through.
    case server(String)

    public var description: String {
        switch self {
        case .project(let name): "The project's name is \"\(name.prefix(80))\"; 1 to 200 characters without line ends are needed."
        case .id(let id): "The run id is \"\(id.prefix(80))\"; 8 characters of a-z and 2-7 are needed. Leave it out to get a new one."
        case .url(let url): "The server's address is \"\(url)\"; http://HOST:PORT or https://HOST is needed. Check TRACK_URL."
        case .setting(let name, let value, let allowed): "\(name) is \"\(value)\"; allowed is \(allowed)."
        case .refused(_, let message): message
        case .server(let message): message
        }
    }
}
