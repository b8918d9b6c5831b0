/// What is wrong with the data that a loader was given.
public enum DataError: Error, Equatable, CustomStringConvertible {
    case emptyDataset(name: String)
    case shapesDiffer(index: Int, shape: [Int], firstIndex: Int, firstShape: [Int])
    case targetsDiffer(index: Int, firstIndex: Int)
    case unknownValue(String, known: [String])
    case constantChannel(Int)
    case wrongShape(operation: String, shape: [Int], needed: String)

    /// What happened, and what to do.
    public var description: String {
        switch self {
        case .emptyDataset(let name):
            "The \(name) data set has no items. Check the folder or the filter it was made with."
        case .shapesDiffer(let index, let shape, let firstIndex, let firstShape):
            "Item \(index) has shape \(shape), but item \(firstIndex) of the same batch has \(firstShape). "
                + "Resize or crop every item to one shape with `map` before loading."
        case .targetsDiffer(let index, let firstIndex):
            "Item \(index) and item \(firstIndex) of the same batch have targets of different kinds. "
                + "Give every item a label, or every item values of one shape."
        case .unknownValue(let value, let known):
            "\"\(value)\" is not in the vocabulary (\(known.joined(separator: ", "))). Build it from every value that may occur."
        case .constantChannel(let channel):
            "Channel \(channel) has the same value everywhere, so its standard deviation is 0. Leave the channel out, or give statistics of your own."
        case .wrongShape(let operation, let shape, let needed):
            "\(operation) was given shape \(shape). It needs \(needed)."
        }
    }
}
