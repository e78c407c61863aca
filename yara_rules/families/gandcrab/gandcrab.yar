/*
   GandCrab: ransom notes, and programs that carry them.

   Written from public facts for triage (Apache-2.0); no rule of others is copied. meta.gate says which content a
   rule may see (pe, text, any); every rule is proven by a fake in family.toml.
*/

rule MAL_GandCrab_Note
{
    meta:
        id           = "4LOcEdogGsxBPezcXQkw88"
        version      = "1.0"
        date         = "2026-11-22"
        modified     = "2026-11-22"
        status       = "RELEASED"
        sharing      = "TLP:CLEAR"
        source       = "TRIAGE"
        author       = "triage@TRIAGE"
        description  = "Ransom note of GandCrab 1 to 5: its banner near the beginning and the fixed sentence below it"
        category     = "MALWARE"
        malware      = "GANDCRAB"
        malware_type = "RANSOMWARE"
        mitre_att    = "T1486"
        reference    = "DEF, WHIZ"
        family       = "gandcrab"
        severity     = "infected"
        confidence   = "medium"
        gate         = "text"
    strings:
        $banner    = "---= GANDCRAB" ascii wide
        $sentence1 = "other important files are encrypted and have the extension: ." ascii wide
        $sentence2 = "gandcrabmfe6mnef.onion" ascii wide
    condition:
        filesize < 64KB and
        $banner in (0..64) and any of ($sentence*)
}

rule SUSP_GandCrab_Program
{
    meta:
        id           = "73vJF1CKNATlN2CX3plheJ"
        version      = "1.0"
        date         = "2026-11-22"
        modified     = "2026-11-22"
        status       = "RELEASED"
        sharing      = "TLP:CLEAR"
        source       = "TRIAGE"
        author       = "triage@TRIAGE"
        description  = "Program that carries the banner and the sentence of GandCrab notes"
        category     = "MALWARE"
        malware      = "GANDCRAB"
        malware_type = "RANSOMWARE"
        mitre_att    = "T1486"
        reference    = "DEF"
        family       = "gandcrab"
        severity     = "suspicious"
        confidence   = "medium"
        gate         = "pe"
    strings:
        $banner   = "---= GANDCRAB" wide
        $sentence = "other important files are encrypted and have the extension: ." wide
        $note1    = "GDCB-DECRYPT.txt" wide
        $note2    = "CRAB-DECRYPT.txt" wide
        $note3    = "KRAB-DECRYPT.txt" wide
    condition:
        uint16(0) == 0x5A4D and filesize < 2MB and
        $banner and ($sentence or any of ($note*))
}
