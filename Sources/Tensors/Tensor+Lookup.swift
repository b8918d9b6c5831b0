import CKernels

extension Tensor {
    /// Rows of this table `[rows, width…]` by index: indexes of shape `[…]` give `[…, width…]`.
    /// - Precondition: Each index is from 0 to rows − 1.
    public final func gatherRows(_ indexes: Tensor) -> Tensor {
        require(!shape.isEmpty, "gatherRows: a scalar has no rows")
        let (rows, width) = (shape[0], count / Swift.max(1, shape[0]))
        let table = contiguousElements(), places = indexes.contiguousElements()
        let result = Tensor.uninitialized(Shape(indexes.shape.sizes + shape.dropFirst()))
        let wrong = ck_gather_rows(Int64(places.count), Int64(rows), Int64(width), table.pointer, places.pointer, result.pointer)
        require(wrong < 0, "gatherRows: index \(places.pointer[Int(Swift.max(0, wrong))]) at place \(wrong) is not a row of a table of shape "
                + "\(shape). Indexes count from 0 to \(rows - 1).")
        return result.recorded(from: self, keeping: (node: node, shape: shape, places: places)) { kept, gradient, flow in
            let dtable = Tensor.uninitialized(kept.shape), gradient = gradient.contiguousElements()
            let rows = kept.shape[0], width = dtable.count / Swift.max(1, rows)
            ck_scatter_rows(Int64(kept.places.count), Int64(rows), Int64(width), kept.places.pointer, gradient.pointer, dtable.pointer)
            flow.add(dtable, to: kept.node)
        }
    }

    /// From each row of `[batch, classes]` the entry that `indexes` `[batch]` names: shape `[batch]`.
    public final func picked(_ indexes: Tensor) -> Tensor {
        require(shape.count == 2 && indexes.shape == [shape[0]], "picked: rows \(shape) and indexes \(indexes.shape)")
        let classes = shape[1]
        let flat = indexes.labels.enumerated().map { row, label in
            require(label >= 0 && label < classes, "picked: label \(label) of example \(row) is not one of \(classes) classes. "
                    + "Labels count from 0 to \(classes - 1).")
            return Float(row * classes + label)
        }
        require(count <= 1 << 24, "picked: \(shape) has more elements than floats can number")
        return reshape([count] as Shape).gatherRows(Tensor(flat))
    }

    /// One-hot rows of labels: `[batch]` gives `[batch, classes]`.
    public final func oneHot(_ classes: Int) -> Tensor {
        let result = Tensor.zeros(Shape(shape.sizes + [classes]))
        for (row, label) in labels.enumerated() {
            require(label >= 0 && label < classes, "oneHot: label \(label) at place \(row) is not one of \(classes) classes")
            result.pointer[row * classes + label] = 1
        }
        return result
    }
}
