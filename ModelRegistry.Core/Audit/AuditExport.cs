using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Audit;

/// <summary>
/// Writes events as a file while they are read, so that its size does not matter. Everything that the chain covers is in
/// it, as it is stored: with docs/audit.md, an export of the whole log can be checked without the registry.
/// </summary>
public static class AuditExport
{
    private const string Header = "sequence,id,at,at_ms,actor_id,actor,token_id,action,object_kind,object_id,scope_kind,scope_id,"
        + "before,after,reason,address,origin_digest,hash\r\n";
    private const int FlushAt = 64 * 1024;

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One JSON object on each line.</summary>
    public static async Task WriteJsonLinesAsync(Stream to, IAsyncEnumerable<AuditRow> rows, CancellationToken ct)
    {
        var bytes = new ArrayBufferWriter<byte>(2 * FlushAt);
        await using var writer = new Utf8JsonWriter(bytes, Json);
        await foreach (var row in rows.WithCancellation(ct))
        {
            Write(writer, row);
            writer.Flush();
            bytes.Write("\n"u8);
            // The next line begins as if it were the first.
            writer.Reset();
            if (bytes.WrittenCount >= FlushAt)
                await FlushAsync();
        }

        await FlushAsync();

        async Task FlushAsync()
        {
            await to.WriteAsync(bytes.WrittenMemory, ct);
            bytes.ResetWrittenCount();
        }
    }

    public static async Task WriteCsvAsync(Stream to, IAsyncEnumerable<AuditRow> rows, CancellationToken ct)
    {
        var text = new StringBuilder(Header);
        await foreach (var row in rows.WithCancellation(ct))
        {
            var e = row.Event;
            text.AppendJoin(',', Number(e.Sequence), Number(e.Id), Time(e.AtMs), Number(e.AtMs), Number(e.ActorId),
                Csv.Cell(row.ActorName), Number(e.TokenId), Csv.Cell(e.Action), Csv.Cell(e.ObjectKind), Csv.Cell(e.ObjectId),
                Number((long?)e.ScopeKind), Number(e.ScopeId), Csv.Cell(e.Before ?? ""), Csv.Cell(e.After ?? ""),
                Csv.Cell(e.Reason ?? ""), Csv.Cell(row.Address ?? ""), Hex(e.OriginDigest), Hex(e.Hash)).Append("\r\n");
            if (text.Length >= FlushAt)
                await FlushAsync();
        }

        await FlushAsync();

        async Task FlushAsync()
        {
            await to.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), ct);
            text.Clear();
        }
    }

    private static void Write(Utf8JsonWriter writer, AuditRow row)
    {
        var e = row.Event;
        writer.WriteStartObject();
        Optional("sequence", e.Sequence);
        writer.WriteNumber("id", e.Id);
        writer.WriteString("at", Time(e.AtMs));
        writer.WriteNumber("at_ms", e.AtMs);
        writer.WriteNumber("actor_id", e.ActorId);
        writer.WriteString("actor", row.ActorName);
        Optional("token_id", e.TokenId);
        writer.WriteString("action", e.Action);
        writer.WriteString("object_kind", e.ObjectKind);
        writer.WriteString("object_id", e.ObjectId);
        Optional("scope_kind", (long?)e.ScopeKind);
        Optional("scope_id", e.ScopeId);
        writer.WriteString("before", e.Before);
        writer.WriteString("after", e.After);
        writer.WriteString("reason", e.Reason);
        writer.WriteString("address", row.Address);
        writer.WriteString("origin_digest", e.OriginDigest is null ? null : Hex(e.OriginDigest));
        writer.WriteString("hash", e.Hash is null ? null : Hex(e.Hash));
        writer.WriteEndObject();

        void Optional(string name, long? value)
        {
            if (value is { } number)
                writer.WriteNumber(name, number);
            else
                writer.WriteNull(name);
        }
    }

    private static string Number(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static string Hex(byte[]? value) => value is null ? "" : Convert.ToHexStringLower(value);

    private static string Time(long ms) =>
        DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
