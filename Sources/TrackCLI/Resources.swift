import ArgumentParser
import TrackServer

/// The folders that travel with the program.
enum Resources {
    /// - Throws: A sentence for the user when the migrations are nowhere.
    static func migrations(given: String?) throws -> String {
        if let given { return given }
        guard let found = ResourceLocator().folder("migrations") else {
            throw ValidationError("The folder migrations is neither beside the program (../share/track) nor in a package around it. Give it with --migrations.")
        }
        return found + "/sqlite"
    }
}
