using System.Text;
using StreamKit.State;

namespace StreamKit.Tests.State;

public class LocalWriteBatchTests
{
    [Fact]
    public void Contains_OfRowsTakenAndNot_FindsThoseThatWereNot()
    {
        using var local = new InMemoryLocalState(hotBytes: 1);
        LocalReadBatch keys = local.OpenStore("test", homeHoldsRows: false).CreateReadBatch();
        using var rows = new LocalWriteBatch();
        for (int round = 0; round < 3; round++)
        {
            keys.Clear();
            rows.Clear();
            for (int i = 0; i < 1_000; i++)
            {
                keys.Add(Key(round, i));
                if (i % 2 == 0)
                    Delete(rows, Key(round, i));
                Assert.Equal(i % 2 == 0, rows.Contains(keys, i)); // the table grows with the rows
            }

            Delete(rows, Key(round, 0)); // again
            rows.Written = 300;

            Assert.Equal(Enumerable.Range(0, 1_000).Where(static i => i == 0 || (i >= 600 && i % 2 == 0)), Enumerable.Range(0, 1_000).Where(i => rows.Contains(keys, i)));
            rows.Written = rows.Count;
            Assert.DoesNotContain(Enumerable.Range(0, 1_000), i => rows.Contains(keys, i));
        }
    }

    private static byte[] Key(int round, int number) => Encoding.UTF8.GetBytes($"{round}-{number}");

    private static void Delete(LocalWriteBatch rows, byte[] key)
    {
        key.CopyTo(rows.Bytes.GetSpan(key.Length));
        rows.Bytes.Advance(key.Length);
        rows.EndKey();
        rows.EndRow();
    }
}
