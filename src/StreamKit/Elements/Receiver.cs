namespace StreamKit.Elements;

/// <summary>The next step of a batch's way: an operator of the same chain, a fan-out, or the way out to other tasks.</summary>
internal abstract class Receiver<T>
{
    /// <summary>Takes the batch over, records, watermark and control together. Called on the task's thread; never awaits.</summary>
    public abstract void Receive(Batch<T> batch);
}
