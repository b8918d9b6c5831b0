import GRDB

/// A change other than a batch: runs inside the group's transaction, in a savepoint of its own.
protocol ChangeJob: Sendable {
    /// Does the work; what goes wrong is kept until ``succeed()``.
    /// - Returns: Whether it went well.
    /// - Throws: Only what ends the whole group.
    func perform(_ writer: Writer, _ db: Database) throws -> Bool
    /// The group was committed, and its commit is safe.
    func succeed()
    func fail(_ error: any Error)
}

final class Change<Value: Sendable>: ChangeJob, @unchecked Sendable {     // touched by the writer's thread, and once more after it, by the one that finds its commit safe
    private let work: @Sendable (Writer, Database) throws -> Value
    private let answer: @Sendable (Result<Value, any Error>) -> Void
    private var outcome: Result<Value, any Error>?

    /// - Parameter answer: Called once, after the commit is safe or when there will be none.
    init(work: @escaping @Sendable (Writer, Database) throws -> Value, answer: @escaping @Sendable (Result<Value, any Error>) -> Void) {
        (self.answer, self.work) = (answer, work)
    }

    func perform(_ writer: Writer, _ db: Database) throws -> Bool {
        do {
            var value: Value?
            try db.inSavepoint {
                value = try work(writer, db)
                return .commit
            }
            outcome = .success(value!)
            return true
        } catch let error as DatabaseError where error.isFatal {
            throw error             // the whole group fails with it
        } catch {
            outcome = .failure(error)
            return false
        }
    }

    func succeed() { answer(outcome!) }
    func fail(_ error: any Error) { answer(.failure(error)) }
}

extension DatabaseError {
    /// The transaction cannot go on: the disk is full or fails.
    var isFatal: Bool { [.SQLITE_FULL, .SQLITE_IOERR, .SQLITE_NOMEM, .SQLITE_CORRUPT, .SQLITE_READONLY].contains(resultCode.primaryResultCode) }

    /// The store's word for it.
    var asStoreError: any Error { resultCode.primaryResultCode == .SQLITE_FULL ? StoreError.diskFull : self }
}
