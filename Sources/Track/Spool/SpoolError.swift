/// What can go wrong with the files in which rows wait.
public enum SpoolError: Error, Equatable, CustomStringConvertible {
    case cannotWrite(path: String, reason: String)
    case cannotRead(path: String, reason: String)
    case damaged(path: String, reason: String)

    public var description: String {
        switch self {
        case .cannotWrite(let path, let reason):
            "The spool file \(path) cannot be written: \(reason). Free some space, or name another folder in TRACK_DIR."
        case .cannotRead(let path, let reason): "The spool file \(path) cannot be read: \(reason). Check its owner and its permissions."
        case .damaged(let path, let reason): "The spool file \(path) is damaged: \(reason). It is left where it is; its rows are not sent."
        }
    }
}
