/// The version of server, client and command: they are released together.
public enum Version { public static let current = "0.1.0" }
