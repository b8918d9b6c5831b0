import Layers
import Tensors

extension Learner {
    /// The epoch with its done part: 2.5 is halfway through the third.
    public var fractionalEpoch: Double { Double(epoch) + Double(batchIndex) / Double(max(1, batchCount)) }

    /// The model's parameters by name, as the optimizer has them; `parameter.grad` is there from `afterBackward` to `beforeStep`.
    public var namedParameters: [NamedParameter] { optimizer.parameters }

    /// Numbers in all parameters, and in those that are trained.
    public var parameterCounts: (total: Int, trained: Int) {
        optimizer.parameters.reduce(into: (0, 0)) { counts, named in
            counts.0 += named.parameter.count
            if named.parameter.requiresGrad { counts.1 += named.parameter.count }
        }
    }

    /// The value of a metric of this pass.
    /// - Throws: ``LearnerError/unknownMetric(_:askedBy:known:)``
    public func metric(_ name: String, askedBy asker: String) throws -> Double {
        guard let value = metrics[name] else {
            throw LearnerError.unknownMetric(name, askedBy: asker, known: Array(metrics.keys))
        }
        return value
    }

    func prepareOptimizer() throws {
        if !isResumed {
            optimizer = optimizerChoice.make(model.namedParameters().map { NamedParameter(name: $0, parameter: $1) }, learningRate)
        }
        guard optimizer.parameters.contains(where: \.parameter.requiresGrad) else {
            throw LearnerError.nothingToTrain(model: "\(type(of: model))")
        }
        optimizer.zeroGradients()
    }

    func differentiate(_ loss: Tensor) {
        guard checksParameters else { return loss.backward() }
        let listed = Set(optimizer.parameters.map { ObjectIdentifier($0.parameter) })
        unlisted = loss.backwardReachingLeaves().filter { $0 is Parameter && !listed.contains(ObjectIdentifier($0)) }
    }

    /// - Throws: ``LearnerError/unlistedParameters(model:shapes:)``: they would silently stay as they are.
    func checkParameters() throws {
        checksParameters = false
        guard unlisted.isEmpty else {
            throw LearnerError.unlistedParameters(model: "\(type(of: model))", shapes: unlisted.map(\.shape.sizes))
        }
    }

    func currentGradientNorm() -> Double {
        let parameters = optimizer.parameters
        var sum = 0.0
        for place in parameters.indices { sum += parameters[place].parameter.gradientSumOfSquares }
        return sum.squareRoot()
    }
}
