/// Choosing some of many.
public enum Thinning {
    /// At most `limit` of the places 0 ..< `count`, evenly spread, first and last kept.
    public static func evenly(_ count: Int, to limit: Int) -> [Int] {
        if count <= limit { return Array(0..<count) }
        if limit == 1 { return [count - 1] }
        return (0..<limit).map { $0 * (count - 1) / (limit - 1) }
    }
}
