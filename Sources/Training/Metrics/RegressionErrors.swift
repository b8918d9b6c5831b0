/// How far predicted numbers lie from the true ones, one batch at a time.
public struct RegressionErrors: Sendable, Equatable {
    /// How many values were added.
    public private(set) var count = 0
    private var absolute = 0.0, squared = 0.0, mean = 0.0, spread = 0.0

    /// Nothing seen yet.
    public init() {}

    /// Adds one batch. Any division of the data into batches gives the same numbers.
    /// - Precondition: As many predictions as values.
    public mutating func add(predicted: some Collection<Double>, actual: some Collection<Double>) {
        precondition(predicted.count == actual.count, "RegressionErrors: \(predicted.count) predictions for \(actual.count) values")
        for (guess, truth) in zip(predicted, actual) {
            let error = guess - truth
            count += 1
            absolute += error.magnitude
            squared += error * error
            // The spread about the mean by Welford's update (1962): exact where a sum of squares would cancel.
            let difference = truth - mean
            mean += difference / Double(count)
            spread += difference * (truth - mean)
        }
    }

    /// MAE; 0 without values.
    public var meanAbsoluteError: Double { count == 0 ? 0 : absolute / Double(count) }

    /// MSE; 0 without values.
    public var meanSquaredError: Double { count == 0 ? 0 : squared / Double(count) }

    /// In the unit of the values.
    public var rootMeanSquaredError: Double { meanSquaredError.squareRoot() }

    /// R²: the share of the values' variance that the predictions explain; 0 while all values are equal.
    public var determination: Double { spread == 0 ? 0 : 1 - squared / spread }
}
