import ArgumentParser
import TrackServer

/// The folders that travel with the program.
enum Resources {
    /// - Parameter advice: What to do when they are nowhere.
    /// - Throws: A sentence for the user then.
    static func migrations(otherwise advice: String = "Install them with it.") throws -> String {
        guard let found = ResourceLocator().folder("migrations") else {
            throw ValidationError("The folder migrations is neither beside the program (../share/track) nor in a package around it. \(advice)")
        }
        return found + "/sqlite"
    }
}
