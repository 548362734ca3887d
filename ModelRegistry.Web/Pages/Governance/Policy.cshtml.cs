using System.Globalization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Retention;
using ModelRegistry.Web.Hosting;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Governance;

/// <summary>One policy: what it says, in words and as a form, what it would do, and whether it is enabled.</summary>
[Authorize(Policy = Policies.AuditPage)]
public sealed class PolicyPage(RetentionPolicyService policies, RetentionRunService runs, CurrentUserHolder caller) : RegistryPage, IShowAgain
{
    public const int Examples = 20;
    /// <summary>What is typed where a policy without any condition is meant.</summary>
    public const string Everything = "everything";

    [BindProperty(SupportsGet = true)]
    public string Id { get; set; } = "";

    [BindProperty]
    public PolicyInput Input { get; set; } = new();

    /// <summary>Null for one that is being written.</summary>
    public PolicyRow? Policy { get; private set; }
    public RunRow? Preview { get; private set; }
    public IReadOnlyList<RetentionItem> Due { get; private set; } = [];
    public IReadOnlyList<(RetentionPolicyVersion Version, string Author)> Versions { get; private set; } = [];

    /// <summary>What the form says, before it is saved.</summary>
    public string? ReadBack { get; private set; }

    public bool IsNew => Id == "new";
    public bool MayGovern => caller.User.May(InstanceRight.Govern);
    public bool IsCurrent => Preview is { } preview && preview.Run.PolicyVersion == Policy?.Policy.Version;
    public bool MayEnable => MayGovern && IsCurrent && Preview!.Run.Digest is not null;

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        await ShowAgainAsync(ct);
        Input = Policy is null ? new PolicyInput() : PolicyInput.Of(Policy);
        return Page();
    }

    public async Task<JsonResult> OnGetProgressAsync(CancellationToken ct)
    {
        await ShowAgainAsync(ct);
        var done = Preview?.Run.State != RetentionRunState.Evaluating;
        return new JsonResult(new
        {
            value = Preview?.Run.Evaluated ?? 0,
            max = Math.Max(1, Preview?.Run.Expected ?? 1),
            label = done ? "Evaluated: reload the page to see the result" : "Evaluating",
            done,
        });
    }

    /// <summary>The form as a sentence; nothing is saved.</summary>
    public async Task<IActionResult> OnPostReadBackAsync(CancellationToken ct)
    {
        var text = Input.ToText();
        if (ModelState.IsValid)
        {
            text.Definition.Require(text.MatchesEverything);
            ReadBack = RetentionWords.Of(text.Definition);
        }

        await ShowAgainAsync(ct);
        return Page();
    }

    public async Task<IActionResult> OnPostSaveAsync(CancellationToken ct)
    {
        if (!ModelState.IsValid)
        {
            await ShowAgainAsync(ct);
            return Page();
        }

        var text = Input.ToText();
        var saved = IsNew ? await policies.CreateAsync(text, ct) : await policies.UpdateAsync(Number(), text, ct);
        return Done($"{saved.Policy.Name} is saved, disabled. Look at its preview next.", Address(saved.Policy.Id), undoUrl: null);
    }

    public async Task<IActionResult> OnPostPreviewAsync(CancellationToken ct)
    {
        await runs.PreviewAsync(Number(), ct);
        return Done("The preview is being made. It changes nothing.", Address(Number()), undoUrl: null);
    }

    public async Task<IActionResult> OnPostEnableAsync(CancellationToken ct)
    {
        var policy = await policies.EnableAsync(Number(), ct);
        return Done($"{policy.Policy.Name} is enabled. What is due waits for somebody else's approval.", Address(Number()), undoUrl: null);
    }

    public async Task<IActionResult> OnPostDisableAsync(string? reason, CancellationToken ct)
    {
        var policy = await policies.DisableAsync(Number(), reason, ct);
        return Done($"{policy.Policy.Name} is disabled. What it had begun is cancelled.", Address(Number()), undoUrl: null);
    }

    public async Task<IActionResult> OnPostRunAsync(CancellationToken ct)
    {
        var run = await runs.RequestAsync(Number(), ct);
        return Done("The run is being evaluated. It then waits for somebody else's approval.", $"/governance/runs/{run.Run.Id}", undoUrl: null);
    }

    public async Task ShowAgainAsync(CancellationToken ct)
    {
        if (IsNew)
        {
            caller.User.Require(InstanceRight.Govern);
            return;
        }

        Policy = await policies.GetAsync(Number(), ct);
        Versions = await policies.VersionsAsync(Number(), ct);
        if (Policy.LastPreview is not { } last)
            return;
        Preview = await runs.GetAsync(last.Id, ct);
        var deleted = await runs.ItemsAsync(last.Id, RetentionAction.Delete, Examples, null, ct);
        var archived = await runs.ItemsAsync(last.Id, RetentionAction.Archive, Examples, null, ct);
        Due = [.. deleted.Items.Concat(archived.Items).Take(Examples)];
    }

    private long Number() => long.TryParse(Id, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        ? id : throw new NotFoundException(RetentionPolicyService.Noun, Id);

    private static string Address(long id) => string.Create(CultureInfo.InvariantCulture, $"/governance/policies/{id}");

    public sealed class PolicyInput
    {
        public string? Name { get; set; }
        public string? Description { get; set; }
        public RetentionSubject Subject { get; set; } = RetentionSubject.ModelVersions;
        public string? Model { get; set; }
        public string? Experiment { get; set; }
        public string? Tag { get; set; }
        public string? TagValue { get; set; }
        public string? Stage { get; set; }
        public RetentionTrigger Trigger { get; set; }
        public string? EventTag { get; set; }
        public int? RetainDays { get; set; }
        public DateOnly? RetainUntil { get; set; }
        public int? KeepLast { get; set; }
        public int? ProtectUsedDays { get; set; }
        public int? ArchiveAfterDays { get; set; }
        public int? DeleteAfterDays { get; set; }
        public int WaitDays { get; set; } = 14;
        public string? Everything { get; set; }

        public PolicyText ToText() => new(Name ?? "", Description ?? "", new RetentionDefinition
        {
            Subject = Subject,
            Name = Given(Model),
            Experiment = Given(Experiment),
            Tag = Given(Tag),
            TagValue = Given(TagValue),
            Stage = Given(Stage),
            Trigger = Trigger,
            EventTag = Given(EventTag),
            RetainDays = RetainDays,
            RetainUntil = RetainUntil,
            KeepLast = KeepLast,
            ProtectUsedDays = ProtectUsedDays,
            ArchiveAfterDays = ArchiveAfterDays,
            DeleteAfterDays = DeleteAfterDays,
            WaitDays = WaitDays,
        }, string.Equals(Everything?.Trim(), PolicyPage.Everything, StringComparison.OrdinalIgnoreCase));

        public static PolicyInput Of(PolicyRow row)
        {
            var d = row.Definition ?? new RetentionDefinition();
            return new PolicyInput
            {
                Name = row.Policy.Name,
                Description = row.Policy.Description,
                Subject = d.Subject,
                Model = d.Name,
                Experiment = d.Experiment,
                Tag = d.Tag,
                TagValue = d.TagValue,
                Stage = d.Stage,
                Trigger = d.Trigger,
                EventTag = d.EventTag,
                RetainDays = d.RetainDays,
                RetainUntil = d.RetainUntil,
                KeepLast = d.KeepLast,
                ProtectUsedDays = d.ProtectUsedDays,
                ArchiveAfterDays = d.ArchiveAfterDays,
                DeleteAfterDays = d.DeleteAfterDays,
                WaitDays = d.WaitDays,
                Everything = row.Definition?.MatchesEverything == true ? PolicyPage.Everything : null,
            };
        }

        private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
    }
}
