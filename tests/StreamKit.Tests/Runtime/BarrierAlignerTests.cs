using StreamKit.Runtime;

namespace StreamKit.Tests.Runtime;

public class BarrierAlignerTests
{
    [Fact]
    public void OnBarrier_FromAllInputs_IsAlignedByTheLast()
    {
        var aligner = new BarrierAligner(3);

        Assert.False(aligner.OnBarrier(1, 7));
        Assert.False(aligner.OnBarrier(0, 7));
        Assert.True(aligner.OnBarrier(2, 7));

        Assert.Equal(0, aligner.Aligning);
    }

    [Fact]
    public void IsBlocked_WhileOthersOweTheBarrier_OnlyForInputsThatGaveIt()
    {
        var aligner = new BarrierAligner(2);

        aligner.OnBarrier(0, 1);

        Assert.True(aligner.IsBlocked(0));
        Assert.False(aligner.IsBlocked(1));
        aligner.OnBarrier(1, 1);
        Assert.False(aligner.IsBlocked(0));
    }

    [Fact]
    public void OnBarrier_OfAnotherCheckpoint_NamesBoth()
    {
        var aligner = new BarrierAligner(2);
        aligner.OnBarrier(0, 6);

        var error = Assert.Throws<InvalidOperationException>(() => aligner.OnBarrier(1, 7));

        Assert.Equal("Unexpected barrier 7 from input 1, expected 6.", error.Message);
    }

    [Fact]
    public void OnBarrier_TwiceFromOneInput_IsRefused()
    {
        var aligner = new BarrierAligner(2);
        aligner.OnBarrier(0, 6);

        Assert.Throws<InvalidOperationException>(() => aligner.OnBarrier(0, 6));
    }
}
