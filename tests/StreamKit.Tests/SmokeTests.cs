namespace StreamKit.Tests;
public class SmokeTests { [Fact] public void A() { Assert.Equal(2, Environment.ProcessorCount > 0 ? 2 : 1); } }
