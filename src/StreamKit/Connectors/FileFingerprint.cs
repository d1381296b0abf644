using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace StreamKit.Connectors;

/// <summary>A short digest of a file's first and last bytes: enough to notice that another file stands at its path, cheap however long it is.</summary>
internal static class FileFingerprint
{
    private const int Part = 1024;

    public static async ValueTask<string> OfAsync(SafeFileHandle file, string path, long length, CancellationToken cancellationToken)
    {
        var bytes = new byte[(int)Math.Min(length, 2 * Part)];
        int head = Math.Min(Part, bytes.Length);
        await FillAsync(file, path, bytes.AsMemory(0, head), 0, cancellationToken);
        await FillAsync(file, path, bytes.AsMemory(head), length - (bytes.Length - head), cancellationToken);
        return Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8));
    }

    private static async ValueTask FillAsync(SafeFileHandle file, string path, Memory<byte> target, long offset, CancellationToken cancellationToken)
    {
        while (!target.IsEmpty)
        {
            int read = await FileErrors.ReadAsync(file, path, target, offset, cancellationToken);
            target = target[read..];
            offset += read;
        }
    }
}
