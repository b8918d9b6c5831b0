import Foundation

/// Milliseconds since 1970, as the API tells times.
func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }
