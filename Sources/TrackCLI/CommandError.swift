import Foundation

/// Why a command cannot do its work, in words for the terminal.
enum CommandError: Error, CustomStringConvertible {
    case noAnswer(String)
    case refused(String)
    case noData(String)

    var description: String {
        switch self {
        case .noAnswer(let path): "A server holds the data folder, but does not answer at \(path). Stop it, or run the command on the machine it runs on."
        case .refused(let message): message
        case .noData(let folder): "There is no data in \(folder). Name the folder with --data, or start a server there first: track serve --data \(folder)"
        }
    }
}
