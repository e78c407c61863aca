/*
   LockBit: ransom notes.

   Written from public facts for triage (Apache-2.0); no rule of others is copied. meta.gate says which content a
   rule may see (pe, text, any); every rule is proven by a fake in family.toml.
*/

rule MAL_LockBit3_Note
{
    meta:
        id           = "1klo866z0yxx1ZA5LA0r5u"
        version      = "1.0"
        date         = "2026-11-22"
        modified     = "2026-11-22"
        status       = "RELEASED"
        sharing      = "TLP:CLEAR"
        source       = "TRIAGE"
        author       = "triage@TRIAGE"
        description  = "Ransom note of LockBit 3.0: begins with its banner"
        category     = "MALWARE"
        malware      = "LOCKBIT"
        malware_type = "RANSOMWARE"
        mitre_att    = "T1486"
        reference    = "CISA3, ELASTIC"
        family       = "lockbit"
        severity     = "infected"
        confidence   = "medium"
        gate         = "text"
    strings:
        $banner = "LockBit 3.0 the world's fastest" ascii wide
        $stolen = "stolen and encrypted" ascii wide
        $warn   = "Do not delete or modify encrypted files" ascii wide
        $site   = "http://lockbit" ascii wide
    condition:
        filesize < 64KB and
        $banner in (0..32) and any of ($stolen, $warn, $site)
}

rule SUSP_LockBit_Note
{
    meta:
        id           = "24gBv5sKzi1Y9T9O3WBWer"
        version      = "1.0"
        date         = "2026-11-22"
        modified     = "2026-11-22"
        status       = "RELEASED"
        sharing      = "TLP:CLEAR"
        source       = "TRIAGE"
        author       = "triage@TRIAGE"
        description  = "Text like the notes of LockBit 1 and 2: names itself, says files are encrypted and points to its hidden site"
        category     = "MALWARE"
        malware      = "LOCKBIT"
        malware_type = "RANSOMWARE"
        mitre_att    = "T1486"
        reference    = "SPYBOT, ELASTIC"
        family       = "lockbit"
        severity     = "suspicious"
        confidence   = "low"
        gate         = "text"
    strings:
        $name  = "LockBit" ascii wide
        $said1 = "files are stolen and encrypted" ascii wide
        $said2 = "files stolen and encrypted" ascii wide
        $said3 = "data is stolen and encrypted" ascii wide
        $site  = "http://lockbit" ascii wide
        $onion = ".onion" ascii wide
    condition:
        filesize < 16KB and $name in (0..256) and any of ($said*) and $site and $onion
}
