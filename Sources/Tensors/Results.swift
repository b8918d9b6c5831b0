import CKernels

/// The tensors that operations make. Each is used again once nobody has it any more, so that a steady step asks the system's
/// allocator for nothing.
///
/// Swift returns an object's memory with its last reference and lets nobody keep it. So this list has a reference of its own to each
/// result: one that has no other is used up. That is looked into late, before an object or a buffer would have to come from the
/// system, or when somebody asks how much memory there is. Weak references to results are therefore not to be had.
enum Results {
    private struct List {
        /// First the tensors in use, then those that wait.
        let tensors = UnsafeMutablePointer<Tensor>.allocate(capacity: room)
        var used = 0, count = 0
        /// Tensors handed out so far, and how many looks they have paid for.
        var taken = 0, credit = 0
    }

    /// The most tensors that are listed; further ones come and go as Swift's objects do.
    private static let room = 1024
    /// Each tensor handed out pays for so many looks: however long the list, an operation costs little.
    private static let looks = 8
    /// One still in use after so many others were handed out is not part of a step, and leaves the list.
    private static let age = 16 * room
    /// Under `ck_results_lock`.
    nonisolated(unsafe) private static let list = {
        let list = UnsafeMutablePointer<List>.allocate(capacity: 1)
        list.initialize(to: List())
        return list
    }()

    /// A tensor of the elements that lie in `storage` as `layout` says.
    static func take(_ storage: Storage, _ layout: Layout) -> Tensor {
        if let tensor = waiting() ?? lookedFor() {
            tensor.fill(storage, layout)
            return tensor
        }
        let tensor = Tensor(storage, layout)
        ck_results_lock()
        insert(tensor, isUsed: true)
        ck_results_unlock()
        return tensor
    }

    private static func waiting() -> Tensor? {
        ck_results_lock()
        defer { ck_results_unlock() }
        list.pointee.credit += looks
        list.pointee.taken += 1
        guard list.pointee.used < list.pointee.count else { return nil }
        let tensor = list.pointee.tensors[list.pointee.used]
        tensor.listing = (place: list.pointee.used, since: list.pointee.taken)
        list.pointee.used += 1
        return tensor
    }

    private static func lookedFor() -> Tensor? {
        collect(always: false)
        return waiting()
    }

    /// Clears the tensors that are used up. O(tensors in use).
    /// - Parameter always: Even if the tensors handed out have not paid for it.
    static func collect(always: Bool) {
        ck_results_lock()
        var place = list.pointee.used
        let pays = list.pointee.credit >= place
        if pays { list.pointee.credit = Swift.min(list.pointee.credit - place, room) }
        ck_results_unlock()
        if !pays && !always { return }
        // Outside the lock: what goes with a tensor may be an object of the program's own, with a `deinit` that uses tensors.
        var cleared: Tensor?
        while let (tensor, isUsedUp) = removeNext(below: &place, adding: cleared) {
            cleared = isUsedUp ? tensor : nil
            cleared?.clear()
        }
    }

    /// Takes the next tensor that is used up, or has been in use for long, out of the list; from the youngest on, as what one held may
    /// have been the last to hold an older one.
    /// - Parameter cleared: One that was taken out before, to wait in the list now.
    private static func removeNext(below place: inout Int, adding cleared: Tensor?) -> (tensor: Tensor, isUsedUp: Bool)? {
        ck_results_lock()
        defer { ck_results_unlock() }
        if let cleared { insert(cleared, isUsed: false) }
        place = Swift.min(place, list.pointee.used)
        while place > 0 {
            place -= 1
            if isKnownUniquelyReferenced(&list.pointee.tensors[place]) {
                ck_results_acquire()
                return (remove(at: place), true)
            }
            if list.pointee.taken - list.pointee.tensors[place].listing!.since > age { return (remove(at: place), false) }
        }
        return nil
    }

    /// - Precondition: The lock is held, and the tensor is in use.
    private static func remove(at place: Int) -> Tensor {
        let tensors = list.pointee.tensors
        list.pointee.used -= 1
        list.pointee.count -= 1
        let (lastUsed, last) = (list.pointee.used, list.pointee.count)
        let tensor = (tensors + place).move()
        if place != lastUsed {
            (tensors + place).moveInitialize(from: tensors + lastUsed, count: 1)
            tensors[place].listing!.place = place
        }
        if lastUsed != last { (tensors + lastUsed).moveInitialize(from: tensors + last, count: 1) }
        tensor.listing = nil
        return tensor
    }

    /// - Precondition: The lock is held.
    private static func insert(_ tensor: Tensor, isUsed: Bool) {
        let (tensors, used, count) = (list.pointee.tensors, list.pointee.used, list.pointee.count)
        if count == room { return }
        if isUsed && used < count { (tensors + count).moveInitialize(from: tensors + used, count: 1) }
        (tensors + (isUsed ? used : count)).initialize(to: tensor)
        list.pointee.count += 1
        if !isUsed { return }
        tensor.listing = (place: used, since: list.pointee.taken)
        list.pointee.used += 1
    }

    /// Takes a tensor out of the list for good: its end must be noticed at once.
    static func forget(_ tensor: Tensor) {
        ck_results_lock()
        defer { ck_results_unlock() }
        if let listing = tensor.listing { _ = remove(at: listing.place) }
    }

    /// Whether the variable has the only reference to its tensor, the list's own left aside.
    static func isOnlyReference(_ tensor: inout Tensor) -> Bool {
        ck_results_lock()
        defer { ck_results_unlock() }
        guard tensor.listing != nil else { return isKnownUniquelyReferenced(&tensor) }
        let own = Unmanaged.passUnretained(tensor)
        own.release()
        defer { _ = own.retain() }
        return isKnownUniquelyReferenced(&tensor)
    }
}
