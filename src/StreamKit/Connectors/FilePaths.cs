using System.Buffers;
using System.IO.Enumeration;

namespace StreamKit.Connectors;

/// <summary>Finds the files that a path stands for.</summary>
internal static class FilePaths
{
    private static readonly SearchValues<char> s_wildcards = SearchValues.Create("*?");

    /// <summary>The files, in the order of their names; at least one.</summary>
    /// <exception cref="StreamKitException">There is none.</exception>
    public static IReadOnlyList<string> Find(string path) => Search(path, out string whyNone) is { Count: > 0 } files ? files : throw new StreamKitException(whyNone);

    /// <summary>The files, in the order of their names, and where there are none, why.</summary>
    /// <exception cref="StreamKitException">The system does not tell whether there are any.</exception>
    public static IReadOnlyList<string> Search(string path, out string whyNone)
    {
        whyNone = "";
        if (File.Exists(path))
            return [path];
        try
        {
            if (Directory.Exists(path))
            {
                whyNone = $"The folder '{path}' holds no files (those whose names begin with '.' or '_' do not count, nor those in folders below). Put the input there, or name another path.";
                return InFolder(path, "*");
            }

            string pattern = Path.GetFileName(path);
            if (pattern.AsSpan().ContainsAny(s_wildcards))
                return ByPattern(path, pattern, out whyNone);
        }
        catch (Exception e) when (FileErrors.IsFromSystem(e))
        {
            throw new StreamKitException($"The folder of '{path}' cannot be listed: {e.Message} Let the job's user read it.", e);
        }

        whyNone = $"There is no file or folder '{path}' (in full: '{Path.GetFullPath(path)}'). Put the input there, or name another path.";
        return [];
    }

    /// <summary>Whether <see cref="Find"/> would find a file by a path if the file were there, by their names alone.</summary>
    public static bool StandsFor(string path, string file)
    {
        StringComparison names = OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        (path, file) = (Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)), Path.GetFullPath(file));
        string? folder = Path.GetDirectoryName(file);
        if (string.Equals(path, file, names) || string.Equals(path, folder, names))
            return true;
        string pattern = Path.GetFileName(path);
        return pattern.AsSpan().ContainsAny(s_wildcards)
            && string.Equals(Path.GetDirectoryName(path), folder, names)
            && FileSystemName.MatchesWin32Expression(FileSystemName.TranslateWin32Expression(pattern), Path.GetFileName(file), ignoreCase: names == StringComparison.OrdinalIgnoreCase);
    }

    private static List<string> ByPattern(string path, string pattern, out string whyNone)
    {
        string? folder = Path.GetDirectoryName(path);
        folder = string.IsNullOrEmpty(folder) ? "." : folder;
        if (folder.AsSpan().ContainsAny(s_wildcards))
        {
            whyNone = $"The pattern '{path}' has a wildcard in a folder's name; * and ? can stand in the last part of the path only.";
            return [];
        }

        if (!Directory.Exists(folder))
        {
            whyNone = $"There is no folder '{folder}' (in full: '{Path.GetFullPath(folder)}'), where '{path}' should find its files. Create it, or name another path.";
            return [];
        }

        whyNone = $"No file in '{folder}' matches '{pattern}'. Put the input there, or name another path.";
        return InFolder(folder, pattern);
    }

    private static List<string> InFolder(string folder, string pattern)
    {
        var found = new List<string>();
        foreach (string file in Directory.EnumerateFiles(folder, pattern, SearchOption.TopDirectoryOnly))
        {
            if (Path.GetFileName(file.AsSpan()) is not ['.' or '_', ..])
                found.Add(file);
        }

        found.Sort(string.CompareOrdinal);
        return found;
    }
}
