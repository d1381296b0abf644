using BenchmarkDotNet.Running;
using StreamKit.Benchmarks;

// Pauses are told by their percentiles, uploads by their bytes, neither of which BenchmarkDotNet measures.
if (args is ["cuts", .. var cuts])
    CutPauses.Run(cuts);
else if (args is ["uploads", .. var uploads])
    await UploadedBytes.RunAsync(uploads);
else
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
