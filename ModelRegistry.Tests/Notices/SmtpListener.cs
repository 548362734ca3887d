using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ModelRegistry.Tests.Notices;

/// <param name="Recipients">As the envelope has them.</param>
/// <param name="Text">Headers and body, as they came.</param>
public sealed record ReceivedMail(IReadOnlyList<string> Recipients, string Text)
{
    /// <summary>A header, its lines put together; fails where it is there twice.</summary>
    public string Header(string name) => Headers().Single(h => h.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))[(name.Length + 1)..].Trim();

    public IReadOnlyList<string> HeaderNames() => [.. Headers().Select(h => h[..h.IndexOf(':')])];

    private string[] Headers() => Text[..Text.IndexOf("\r\n\r\n", StringComparison.Ordinal)]
        .Replace("\r\n ", " ").Replace("\r\n\t", " ").Split("\r\n");
}

/// <summary>A mail server of a few lines, on a port of this machine.</summary>
public sealed class SmtpListener : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<ReceivedMail> _mails = new();
    private readonly Task _loop;
    private int _attempts;

    public SmtpListener()
    {
        _listener.Start();
        _loop = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Attempts => _attempts;

    /// <summary>What is answered to the attempt of that number (from 1) with those recipients, once the message is there.</summary>
    public Func<int, IReadOnlyList<string>, string> Answer { get; set; } = (_, _) => "250 OK";

    public IReadOnlyList<ReceivedMail> To(string address) => [.. _mails.Where(m => m.Recipients.Contains(address))];

    public async Task<IReadOnlyList<ReceivedMail>> WaitForAsync(string address, int count = 1)
    {
        for (var i = 0; i < 300 && To(address).Count < count; i++)
            await Task.Delay(50);
        To(address).Count.ShouldBe(count);
        return To(address);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            try
            {
                await TalkAsync(client.GetStream());
            }
            catch (IOException)
            {
                // Gone in the middle.
            }
        }
    }

    private async Task TalkAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        await using var writer = new StreamWriter(stream, new UTF8Encoding(false)) { NewLine = "\r\n", AutoFlush = true };
        var recipients = new List<string>();
        await writer.WriteLineAsync("220 test");
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            var verb = line.Split(' ', ':')[0].ToUpperInvariant();
            if (verb == "RCPT")
                recipients.Add(line[(line.IndexOf('<') + 1)..line.IndexOf('>')]);
            if (verb == "DATA")
            {
                await writer.WriteLineAsync("354 go on");
                var text = new StringBuilder();
                while (await reader.ReadLineAsync(_stop.Token) is { } data && data != ".")
                    text.Append(data.StartsWith('.') ? data[1..] : data).Append("\r\n");
                var answer = Answer(Interlocked.Increment(ref _attempts), recipients);
                if (answer[0] == '2')
                    _mails.Enqueue(new ReceivedMail([.. recipients], text.ToString()));
                recipients.Clear();
                await writer.WriteLineAsync(answer);
            }
            else
            {
                await writer.WriteLineAsync(verb == "QUIT" ? "221 bye" : "250 OK");
                if (verb == "QUIT")
                    return;
            }
        }
    }
}
