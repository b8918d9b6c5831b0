import Tensors
import Testing
@testable import Layers

@Suite("Model summary") struct SummaryTests {
    @Test("the example network prints the known table, number for number") func table() {
        let summary = TwentyFiveEntries().summary([3, 224, 224])

        #expect(summary.description == """
            ----------------------------------------------------------------
                    Layer (type)               Output Shape         Param #
            ================================================================
                        Conv2d-1         [-1, 16, 111, 111]             448
                   BatchNorm2d-2         [-1, 16, 111, 111]              32
                          ReLU-3         [-1, 16, 111, 111]               0
                     MaxPool2d-4           [-1, 16, 55, 55]               0
                        Conv2d-5           [-1, 32, 27, 27]           4,640
                   BatchNorm2d-6           [-1, 32, 27, 27]              64
                          ReLU-7           [-1, 32, 27, 27]               0
                     MaxPool2d-8           [-1, 32, 13, 13]               0
                        Conv2d-9             [-1, 64, 6, 6]          18,496
                  BatchNorm2d-10             [-1, 64, 6, 6]             128
                         ReLU-11             [-1, 64, 6, 6]               0
                    MaxPool2d-12             [-1, 64, 3, 3]               0
                      Dropout-13                  [-1, 576]               0
                       Linear-14                 [-1, 1000]         577,000
                       Linear-15                    [-1, 1]           1,001
            ================================================================
            Total params: 601,809
            Trainable params: 601,809
            Non-trainable params: 0
            ----------------------------------------------------------------
            Input size (MB): 0.57
            Forward/backward pass size (MB): 5.53
            Params size (MB): 2.30
            Estimated Total Size (MB): 8.40
            ----------------------------------------------------------------
            """)
    }

    @Test("frozen parameters count as non-trainable; modes, statistics and hooks stay as they were") func frozen() {
        let model = TwentyFiveEntries(), before = model.stateDict()
        model.requiresGrad(false)
        model.fc2.requiresGrad(true)
        model.layer1.eval()

        let summary = model.summary([3, 224, 224])

        #expect(summary.parameterCount == 601_809 && summary.trainableCount == 1001)
        #expect(summary.description.contains("Non-trainable params: 600,808"))
        #expect(model.isTraining && !model.layer1.isTraining && model.stateDict() == before && model.fc1.hooks.isEmpty)
        #expect(summary.rows[13].path == "fc1")
    }
}
