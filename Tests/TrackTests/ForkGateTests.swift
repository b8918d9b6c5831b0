import Foundation
import Synchronization
import Testing
@testable import Track

@Suite("The gate before a fork", .serialized) struct ForkGateTests {
    @Test("a fork waits for threads that work, not for those that wait, and lets nobody in") func gate() {
        let mayRest = Milestone(), isResting = Milestone(), mayWork = Milestone(), hasWorked = Milestone()
        let order = Mutex<[String]>([])
        inBackground("test") {
            mayRest.wait(atMost: .seconds(60))
            order.withLock { $0.append("rests") }
            ForkGate.outside {
                isResting.reach()
                while !mayWork.isReached { usleep(1_000) }
            }
            order.withLock { $0.append("works again") }
            hasWorked.reach()
        }
        mayRest.reach()
        isResting.wait(atMost: .seconds(60))

        ForkGate.close()            // comes back although the thread lives
        mayWork.reach()
        usleep(20_000)
        order.withLock { $0.append("forked") }
        ForkGate.open(inChild: false)

        hasWorked.wait(atMost: .seconds(60))
        #expect(order.withLock { $0 } == ["rests", "forked", "works again"])
    }

    @Test("a thread that waits for a lock's signal lets a fork pass, and finds the lock afterwards") func locks() {
        let lock = Lock(), isWaiting = Milestone(), isDone = Milestone()
        let isOpen = Mutex(false)
        inBackground("test") {
            lock.lock()
            isWaiting.reach()
            while !isOpen.withLock({ $0 }) { lock.wait(atMost: .seconds(60)) }
            lock.unlock()
            isDone.reach()
        }
        isWaiting.wait(atMost: .seconds(60))

        ForkGate.close()
        lock.lock()                 // as a fork does, for each lock that the child will need
        isOpen.withLock { $0 = true }
        lock.signal()
        lock.unlock()
        ForkGate.open(inChild: false)

        isDone.wait(atMost: .seconds(60))
        #expect(isDone.isReached)
    }
}
