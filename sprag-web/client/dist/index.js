import{a,b}from"./shared-PVMJFTOL.js";import"./shared-YOF34G76.js";export{a as Refused,b as store};
